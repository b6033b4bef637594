import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { waitUntil } from '../support/lab/background-process.ts'
import { ask } from '../support/raw-client.ts'
import { type Entrepot, startEntrepot } from '../support/start-entrepot.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { addAlice } from './fuzzed-users.ts'
import { readVitals, type Vitals } from './vitals.ts'

const mebibyte = 1024 * 1024
/** Connections to upstreams that stay open for the next request, and uploads that nobody went on with yet. */
const mostMoreFiles = 16
const mostIdleUploads = 64
/** What memory for kept answers and the like may still take: it is bounded, and more is a leak. */
const mostMoreBytes = 96 * mebibyte
const patienceMs = 10_000
const errorLevel = 50

/** Our server as a process of its own, so that nobody else is blamed for what it takes. */
export class FuzzedServer {
  readonly port: number
  readonly #entrepot: Entrepot
  readonly #logFile: string
  #before: Vitals | undefined

  private constructor(entrepot: Entrepot, logFile: string) {
    this.port = entrepot.port
    this.#entrepot = entrepot
    this.#logFile = logFile
  }

  /** Runs until the tests of the file have ended. */
  static async start(settings: object): Promise<FuzzedServer> {
    const directory = await makeTemporaryDirectory('entrepot-fuzz-')
    await addAlice(directory.path)
    const entrepot = await startEntrepot(directory.path, { threads: 1, ...settings })
    afterAll(async () => {
      await entrepot.stop()
      await directory.remove()
    })
    return new FuzzedServer(entrepot, join(directory.path, 'entrepot.log'))
  }

  /** It answers at once, whatever it was asked before. */
  async expectAlive(): Promise<void> {
    const reply = await ask(this, '/healthz')
    expect(reply.status).toBe(200)
  }

  /** What it has from now on is compared with what it has at the end. */
  async noteVitals(): Promise<void> {
    this.#before = await this.#read()
  }

  /** It has grown by nothing, and its log tells of no fault of its own. */
  async expectSound(): Promise<void> {
    const before = this.#before ?? (await this.#read())
    const most = withoutUploads(before).length + mostMoreFiles
    // An upload that somebody was writing to a moment ago is one more.
    const isClosed = async () => {
      const all = await this.#read()
      const files = withoutUploads(all).length
      return files <= most && all.openFiles.length - files <= mostIdleUploads
    }
    // What takes too long is told below, with its names.
    await waitUntil('what was opened is closed', isClosed, patienceMs).catch(() => {})
    const now = await this.#read()
    console.info(`${describe(before)} before, ${describe(now)} after`)
    const files = withoutUploads(now)
    if (files.length > most) expect(files).toEqual(before.openFiles)
    expect(now.openFiles.length - files.length).toBeLessThanOrEqual(mostIdleUploads)
    expect(now.residentBytes - before.residentBytes).toBeLessThan(mostMoreBytes)
    const lines = (await readFile(this.#logFile, 'utf8')).split('\n').slice(0, -1)
    expect(lines.filter(isFault)).toEqual([])
    // Nor what clients brought to be known by.
    expect(lines.filter((line) => /wonderland|d29uZGVybGFuZA/.test(line))).toEqual([])
  }

  #read(): Promise<Vitals> {
    return readVitals(this.#entrepot.pid)
  }
}

/** What isn't the logger's is what a program prints that crashes. */
function isFault(line: string): boolean {
  return !line.startsWith('{') || (JSON.parse(line) as { level: number }).level >= errorLevel
}

function describe({ openFiles, residentBytes }: Vitals): string {
  return `${openFiles.length} open files and ${Math.round(residentBytes / mebibyte)} MiB`
}

function withoutUploads({ openFiles }: Vitals): readonly string[] {
  return openFiles.filter((file) => !file.includes('/data/uploads/'))
}
