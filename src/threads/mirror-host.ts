import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { BlobPull, OpenedRange } from '../mirror/blob-pull.ts'
import type { Lease } from '../mirror/lease.ts'
import type { ManifestPull } from '../mirror/manifests.ts'
import type { Digest } from '../oci/digest.ts'
import type { Source } from '../oci/source.ts'
import { AtPosting } from './calls.ts'
import type {
  MainCalls,
  PlainBlob,
  PlainLease,
  PlainManifest,
  PlainReader,
  PlainView,
} from './main-calls.ts'
import { toError } from './plain-error.ts'

type Settings = {
  readonly mirror: AnyMirror
  readonly onListening: () => void
  readonly findFault: () => Promise<string | undefined>
  readonly writeLog: (lines: string) => void
  /** A serving thread couldn't read a kept blob. */
  readonly onUnreadable: (digest: Digest, error: Error) => void
  readonly onError: (error: unknown, what: string) => void
}

/** The same functions, some of whose results are made when they are posted. */
type Answering<Functions extends { [Name in keyof Functions]: (...values: never[]) => unknown }> = {
  readonly [Name in keyof Functions]: (
    ...values: Parameters<Functions[Name]>
  ) =>
    | ReturnType<Functions[Name]>
    | Promise<
        AtPosting<Awaited<ReturnType<Functions[Name]>>> | Awaited<ReturnType<Functions[Name]>>
      >
}

/**
 * The mirror as one serving thread sees it, in the main thread: it does what the thread asks for,
 * and holds what the thread has open, which is closed when the thread ends.
 */
export class MirrorHost {
  readonly #settings: Settings
  readonly #pulls = new Map<number, BlobPull>()
  readonly #readers = new Map<number, OpenedRange>()
  #lastId = 0
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** What the thread may call. */
  get calls(): Answering<MainCalls> {
    const { mirror, findFault, writeLog, onListening, onUnreadable } = this.#settings
    return {
      noteListening: onListening,
      pullManifest: async (source, reference, method) =>
        asPlainManifest(await mirror.pullManifest(source, reference, method)),
      headBlob: (source, digest) => mirror.headBlob(source, digest),
      pullBlob: (source, digest) => this.#pullBlob(source, digest),
      openRange: async (pullId, range, isOnly) => {
        const opened = await this.#findPull(pullId).openRange(range, { isOnly })
        return this.#keepReader(opened)
      },
      read: (readerId, length, position) => this.#read(readerId, length, position),
      view: (readerId, position) => this.#view(readerId, position),
      closeReader: async (readerId) => {
        const opened = this.#readers.get(readerId)
        this.#readers.delete(readerId)
        await opened?.reader.close()
      },
      closePull: async (pullId) => {
        const pull = this.#pulls.get(pullId)
        this.#pulls.delete(pullId)
        await pull?.close()
      },
      doubtBlob: (digest, error) => onUnreadable(digest, toError(error)),
      noteServed: (served) => {
        for (const each of served) mirror.noteServed(each)
      },
      listTags: (source) => mirror.listTags(source),
      listReferrers: (source, subject) => mirror.listReferrers(source, subject),
      listRepositories: () => mirror.listRepositories(),
      describeUpstreams: () => mirror.describeUpstreams(),
      describeOffline: () => mirror.describeOffline(),
      switchOffline: (isOn) => mirror.switchOffline(isOn),
      findFault,
      writeLog,
    }
  }

  /** The thread has ended: nobody reads what it had open any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    const readers = [...this.#readers.values()].map(({ reader }) => reader)
    const open = [...readers, ...this.#pulls.values()]
    this.#readers.clear()
    this.#pulls.clear()
    await Promise.all(open.map((each) => this.#closeQuietly(each)))
  }

  async #pullBlob(source: Source, digest: Digest): Promise<PlainBlob | AtPosting<PlainBlob>> {
    const pull = await this.#settings.mirror.pullBlob(source, digest)
    const { sizeBytes, cache, lease } = pull
    if (lease) {
      await pull.close()
      return new AtPosting(() => {
        const plain = toPlainLease(lease)
        return plain ? { kind: 'kept', sizeBytes, lease: plain } : { kind: 'again' }
      })
    }
    await this.#closeIfEnded(pull)
    const id = ++this.#lastId
    this.#pulls.set(id, pull)
    return { kind: 'remote', id, sizeBytes, cache }
  }

  async #keepReader(opened: OpenedRange): Promise<PlainReader> {
    await this.#closeIfEnded(opened.reader)
    const readerId = ++this.#lastId
    this.#readers.set(readerId, opened)
    // Where that can't be said, it is read by this thread, which meets the fault again.
    const place = await opened.growing?.findPlace().catch(() => undefined)
    return { readerId, cache: opened.cache, place }
  }

  async #read(readerId: number, length: number, position: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    const count = await this.#findReader(readerId).reader.read(bytes, position)
    // What is posted is copied together with all the memory it is a part of.
    return count === length ? bytes : bytes.slice(0, count)
  }

  async #view(readerId: number, position: number): Promise<PlainView> {
    const { growing } = this.#findReader(readerId)
    const bytes = await growing?.view(position)
    const memory = bytes && {
      buffer: bytes.buffer,
      offset: bytes.byteOffset,
      length: bytes.length,
    }
    return { availableBytes: growing?.availableBytes ?? 0, memory }
  }

  #findReader(readerId: number): OpenedRange {
    const opened = this.#readers.get(readerId)
    if (!opened) throw new Error('what is to be read is closed')
    return opened
  }

  #findPull(pullId: number): BlobPull {
    const pull = this.#pulls.get(pullId)
    if (!pull) throw new Error('the pull is closed')
    return pull
  }

  /** Whoever asked for it may have ended meanwhile. */
  async #closeIfEnded(opened: { close(): Promise<void> }): Promise<void> {
    if (!this.#isClosed) return
    await opened.close()
    throw new Error('the thread that asked has ended')
  }

  async #closeQuietly(open: { close(): Promise<void> }): Promise<void> {
    await open.close().catch((error) => {
      this.#settings.onError(error, 'closing what an ended thread had open failed')
    })
  }
}

function asPlainManifest({ bytes, lease, ...rest }: ManifestPull): AtPosting<PlainManifest> {
  return new AtPosting(() => ({ ...rest, bytes, lease: lease && toPlainLease(lease) }))
}

/** Undefined if it was taken back by now; if it is later, the message that says so comes later too. */
function toPlainLease({ key, freshness, isRevoked }: Lease): PlainLease | undefined {
  return isRevoked ? undefined : { key, freshness }
}
