import type { Counts, Fault, Listener, Progress, Report } from '../adopt/report.ts'
import { formatBytes } from '../config/units.ts'
import { toPlainLine } from './table.ts'

type Settings = { readonly isJson: boolean; readonly isDryRun: boolean }

/** A folder with more wrong in it has them all on stderr. */
const mostInJson = 10_000
const redrawEveryMs = 200

/** What `entrepot adopt` prints: a line that moves on a terminal, elsewhere one for each repository. */
export class AdoptOutput implements Listener {
  readonly #settings: Settings
  readonly #faults: Fault[] = []
  readonly #notes: Fault[] = []
  readonly #isTerminal = process.stderr.isTTY === true
  #drawnAt = 0
  #isDrawn = false
  #before: Readonly<Counts> | undefined

  constructor(settings: Settings) {
    this.#settings = settings
  }

  onFault(fault: Fault): void {
    if (this.#faults.length < mostInJson) this.#faults.push(fault)
    this.#say(`${fault.where}: ${fault.what}`)
  }

  onNote(note: Fault): void {
    if (this.#notes.length < mostInJson) this.#notes.push(note)
    this.#say(`note: ${note.where}: ${note.what}`)
  }

  onProgress({ repository, counts }: Progress): void {
    this.#before ??= counts
    const now = performance.now()
    if (!this.#isTerminal || now - this.#drawnAt < redrawEveryMs) return
    this.#drawnAt = now
    const done = `${plural(counts.repositories, 'repository')}, ${plural(counts.images, 'image')}`
    const line = `${done}, ${formatBytes(counts.readBytes)} read; ${toPlainLine(repository)}`
    process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`)
    this.#isDrawn = true
  }

  onRepository({ repository, counts }: Progress): void {
    const before = this.#before
    this.#before = undefined
    if (this.#isTerminal || this.#settings.isJson || !before) return
    const images = plural(counts.images - before.images, 'image')
    const tags = plural(counts.tags - before.tags, 'tag')
    const bytes = formatBytes(counts.bytes - before.bytes)
    const known = counts.knownImages - before.knownImages
    const rest = known > 0 ? `; ${known} were here already` : ''
    process.stdout.write(`${toPlainLine(repository)}: ${images}, ${tags}, ${bytes}${rest}\n`)
  }

  end(report: Report, data: string): void {
    this.close()
    const { isJson, isDryRun } = this.#settings
    const { folder, upstream, counts, faults } = report
    if (isJson) {
      const lists = { faults: this.#faults, notes: this.#notes, faultCount: faults }
      const said = { folder, upstream: upstream ?? null, dryRun: isDryRun, ...counts, ...lists }
      process.stdout.write(`${JSON.stringify(said)}\n`)
      return
    }
    process.stdout.write(describe(report, data, isDryRun))
  }

  /** Nothing half drawn is left. */
  close(): void {
    if (this.#isDrawn) process.stderr.write('\r\x1b[K')
    this.#isDrawn = false
  }

  #say(line: string): void {
    this.close()
    process.stderr.write(`${toPlainLine(line)}\n`)
  }
}

function describe({ folder, upstream, counts, faults }: Report, data: string, isDryRun: boolean) {
  const what = upstream === undefined ? 'pushed images' : `images of ${upstream}`
  const images = `${plural(counts.images, 'image')}, ${plural(counts.tags, 'tag')}`
  const blobs = `${plural(counts.blobs, 'blob')}, ${formatBytes(counts.bytes)}`
  const linked = `${counts.linkedBlobs} (${formatBytes(counts.linkedBytes)}) by hard link`
  const verb = isDryRun ? 'would be taken' : 'taken'
  const lines = [
    `${what} of ${folder} ${isDryRun ? 'would be ' : ''}adopted into ${data}: ${plural(counts.repositories, 'repository')}`,
    `${verb}: ${images}, ${blobs}${isDryRun ? '' : `, of which ${linked}`}`,
    `here already: ${plural(counts.knownImages, 'image')}, ${plural(counts.knownBlobs, 'blob')}`,
  ]
  if (faults > 0)
    lines.push(`${plural(faults, 'problem')}, named above: what they are about is left out`)
  return lines.map((line) => `${line}\n`).join('')
}

function plural(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`
  return `${count} ${noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`
}
