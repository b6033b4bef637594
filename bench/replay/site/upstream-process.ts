import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '../../free-port.ts'
import { type ProcessGroup, startProcessGroup } from '../../process-group.ts'
import { readProcessorSeconds } from '../../processor-time.ts'
import type { Shelf, ShelvedTag } from '../content/shelf.ts'
import { controlPath, giveCommand } from '../control.ts'
import type { Counts } from '../upstream/counts.ts'
import type { RegistrySettings } from '../upstream/registry.ts'

const mainFile = join(import.meta.dirname, '../upstream/main.ts')

export interface UpstreamOptions {
  /** As clients name it: `docker.io`. */
  readonly name: string
  readonly shelf: Shelf
  readonly directory: string
  readonly signal: AbortSignal
}

/** A registry of the bench, running. */
export class UpstreamProcess implements AsyncDisposable {
  readonly name: string
  readonly url: string
  readonly #group: ProcessGroup
  readonly #signal: AbortSignal

  private constructor({ name, signal }: UpstreamOptions, url: string, group: ProcessGroup) {
    this.name = name
    this.url = url
    this.#group = group
    this.#signal = signal
  }

  static async start(options: UpstreamOptions): Promise<UpstreamProcess> {
    const { name, shelf, directory, signal } = options
    const port = await findFreePort()
    const shelfFile = join(directory, `${name}.json`)
    await writeFile(shelfFile, JSON.stringify(shelf))
    const url = `http://127.0.0.1:${port}`
    const command = {
      name: `the upstream ${name}`,
      program: process.execPath,
      args: [mainFile, shelfFile, String(port)],
      logFile: join(directory, `${name}.log`),
    }
    const group = await startProcessGroup(command, `${url}${controlPath}ping`, signal)
    return new UpstreamProcess(options, url, group)
  }

  readCounts(): Promise<Counts> {
    return giveCommand<Counts>(this.url, 'counts', { signal: this.#signal })
  }

  /** From here on it behaves so, and counts anew. */
  async configure(settings: RegistrySettings): Promise<void> {
    await giveCommand(this.url, 'configure', { value: settings, signal: this.#signal })
  }

  async moveTag(tag: ShelvedTag): Promise<void> {
    await giveCommand(this.url, 'moveTag', { value: tag, signal: this.#signal })
  }

  readProcessorSeconds(): Promise<number | undefined> {
    return readProcessorSeconds(this.#group.id)
  }

  /** Ends it at once; whoever is connected finds the connection broken. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#group[Symbol.asyncDispose]()
  }
}
