import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import type { BlobWriter } from '../../src/store/blob-store.ts'
import { FileBlobStore } from '../../src/store/file/file-blob-store.ts'
import { resumableName } from '../../src/store/file/partial-name.ts'
import { readBlob } from '../../src/store/put-blob.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'

export const content = Buffer.from('the content of a blob')
export const digest = digestOf(content)
/** Where a writer that resumes has it, under `partial/`. */
export const owner = 'docker.io'
export const resumable = resumableName(digest, owner)
export const hourMs = 3_600_000

/** A folder that several stores work in, in this process and in others; it ends them all. */
export class DataFolder {
  /** What the stores of this process have said. */
  readonly complaints: string[] = []
  readonly #directory: TemporaryDirectory
  readonly #stores: FileBlobStore[] = []
  readonly #writers = new Set<BlobWriter>()
  readonly #processes: ChildProcess[] = []

  private constructor(directory: TemporaryDirectory) {
    this.#directory = directory
  }

  static async make(): Promise<DataFolder> {
    return new DataFolder(await makeTemporaryDirectory())
  }

  inside(...names: string[]): string {
    return join(this.#directory.path, ...names)
  }

  async open(): Promise<FileBlobStore> {
    const onError = (_error: unknown, what: string) => this.complaints.push(what)
    const store = await FileBlobStore.open(this.#directory.path, onError)
    this.#stores.push(store)
    return store
  }

  async begin(store: FileBlobStore, how: 'create' | 'resume' = 'resume'): Promise<BlobWriter> {
    const writer = await store[how](digest, { owner })
    this.#writers.add(writer)
    return writer
  }

  async close(writer: BlobWriter): Promise<void> {
    this.#writers.delete(writer)
    await writer.close()
  }

  async leaveBehind(name: string, ageMs: number, bytes: Uint8Array = content): Promise<void> {
    const leftAt = new Date(Date.now() - ageMs)
    await mkdir(this.inside('partial'), { recursive: true })
    await writeFile(this.inside('partial', name), bytes)
    await utimes(this.inside('partial', name), leftAt, leftAt)
  }

  /** A process that resumes the digest and appends `text`; `says` how many bytes there are then. */
  async startWriter(text: string): Promise<{ child: ChildProcess; says: string }> {
    const script = join(import.meta.dirname, 'killed-writer.ts')
    const child = spawn(process.execPath, [script, this.#directory.path, digest, text], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.#processes.push(child)
    const [says] = await once(child.stdout, 'data')
    return { child, says: String(says).trim() }
  }

  async end(): Promise<void> {
    for (const writer of this.#writers) await this.close(writer)
    for (const store of this.#stores) await store.close()
    for (const child of this.#processes) await kill(child)
    await this.#directory.remove()
  }
}

/** As `kill -9` does; resolves once it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Appends what is missing of `content`, and sees that it is kept. */
export async function finish(store: FileBlobStore, writer: BlobWriter): Promise<void> {
  await writer.append([content.subarray(writer.writtenBytes)])
  writer.verify()
  await writer.keep()
  expect(await readBlob(store, digest)).toEqual(content)
}

/** The hourly cleaning comes when a test moves the clock. */
export function moveClockByHand(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
}

/** What the cleaning does, it does in its own time. */
export async function eventually(check: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: 4_000 })
}
