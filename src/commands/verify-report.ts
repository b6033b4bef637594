import type { Writable } from 'node:stream'
import { formatBytes } from '../config/units.ts'
import {
  describeFinding,
  describeOutcome,
  type Finding,
  type Healed,
  isHealed,
  nameOwners,
  type Outcome,
} from '../space/finding.ts'
import { toPlainLine } from './table.ts'

/** Without an outcome, nothing was to be done about it. */
type Found = Omit<Healed, 'outcome'> & { readonly outcome: Outcome | undefined }

/** A layer of a base image may be in hundreds. */
const mostNamed = 5

/** What `entrepot verify` prints: each finding as it comes, then how many there were. */
export class VerifyReport {
  readonly #output: Writable
  readonly #asJson: boolean
  #files = 0
  #bytes = 0
  #found = 0
  #healed = 0
  #isRepairing = false

  constructor(output: Writable, { asJson }: { asJson: boolean }) {
    this.#output = output
    this.#asJson = asJson
    if (asJson) output.write('{"findings":[')
  }

  /** Whether nothing was wrong, or nothing is any more. */
  get isAllRight(): boolean {
    return this.#healed === this.#found
  }

  addRead(sizeBytes: number): void {
    this.#files++
    this.#bytes += sizeBytes
  }

  add(found: Found): void {
    const separator = this.#found > 0 ? ',' : ''
    this.#found++
    if (found.outcome) this.#isRepairing = true
    if (found.outcome && isHealed(found.outcome)) this.#healed++
    this.#output.write(this.#asJson ? `${separator}\n${toJson(found)}` : toLine(found))
  }

  end(): void {
    const [files, bytes, found, healed] = [this.#files, this.#bytes, this.#found, this.#healed]
    if (this.#asJson) {
      const summary = JSON.stringify({ files, bytes, found, healed })
      this.#output.write(`],\n"summary":${summary}}\n`)
    } else this.#output.write(this.#summary())
  }

  #summary(): string {
    const files = this.#files === 1 ? '1 file' : `${this.#files} files`
    const read = `${files}, ${formatBytes(this.#bytes)}`
    if (this.#found === 0) return `${read}: nothing is wrong\n`
    const left = this.#found - this.#healed
    const healed = this.#healed > 0 ? `${this.#healed} put right, ` : ''
    const hint = this.#isRepairing ? '' : '; --repair puts right what can be'
    return `${read}: ${this.#found} wrong, ${healed}${left} left${hint}\n`
  }
}

function toLine({ finding, owners, outcome }: Found): string {
  const names = nameOwners(owners?.images ?? [])
  const others = names.length - mostNamed
  const more = others > 0 ? ` and ${others} more` : ''
  const parts = [
    `${nameOf(finding)}: ${describeFinding(finding)}`,
    ...(names.length > 0 ? [`of ${names.slice(0, mostNamed).join(', ')}${more}`] : []),
    ...(outcome ? [describeOutcome(outcome)] : []),
  ]
  return `${toPlainLine(parts.join('; '))}\n`
}

function toJson({ finding, owners, outcome }: Found): string {
  return JSON.stringify({
    name: nameOf(finding),
    kind: finding.kind,
    what: describeFinding(finding),
    images: nameOwners(owners?.images ?? []),
    pushedTo: owners?.hosted ?? [],
    ...(outcome && { outcome: outcome.kind, done: describeOutcome(outcome) }),
  })
}

/** Its digest, or the path of a file that has none. */
function nameOf(finding: Finding): string {
  return finding.kind === 'foreign' ? `blobs/${finding.name.foreign}` : finding.digest
}
