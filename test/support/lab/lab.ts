// The laboratory of the peers tests: a temporary folder and everything that was started in it, real
// registries and real clients. It knows nothing of what is tested.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../temporary-directory.ts'

type Closer = () => Promise<void>

/** Open while the tests of one suite run. */
export class Lab {
  readonly #closers: Closer[] = []
  readonly #logFiles = new Set<string>()
  #folder: TemporaryDirectory | undefined

  async open(): Promise<void> {
    this.#folder = await makeTemporaryDirectory('entrepot-lab-')
  }

  path(name: string): string {
    if (this.#folder === undefined) throw new Error('the lab is not open')
    return join(this.#folder.path, name)
  }

  /** What was started last is stopped first. */
  onClose(closer: Closer): void {
    this.#closers.push(closer)
  }

  /** Names a log file in the lab's folder, which is shown when a test fails; once, if named twice. */
  addLog(name: string): string {
    const file = this.path(name)
    this.#logFiles.add(file)
    return file
  }

  async printLogs(): Promise<void> {
    for (const file of this.#logFiles) {
      const text = await readFile(file, 'utf8').catch(() => '')
      console.error(`--- ${file}\n${lastLines(text, 60)}`)
    }
  }

  async close(): Promise<void> {
    // One that fails keeps nothing else from being stopped.
    for (const closer of this.#closers.reverse()) await closer().catch(console.error)
    await this.#folder?.remove()
  }
}

/** A lab for the suite that is being defined: open before its first test, closed after its last. */
export const useLab = (): Lab => {
  const lab = new Lab()
  let isPrepared = false
  beforeAll(() => lab.open())
  afterEach(async ({ task }) => {
    isPrepared = true
    if (task.result?.state === 'fail') await lab.printLogs()
  })
  afterAll(async () => {
    if (!isPrepared) await lab.printLogs()
    await lab.close()
  })
  return lab
}

const lastLines = (text: string, count: number): string =>
  text.trimEnd().split('\n').slice(-count).join('\n')
