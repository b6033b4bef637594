import type { Digest } from '../oci/digest.ts'
import type { Source } from '../oci/source.ts'
import { StoreFaultError } from '../store/store-fault.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { BlobFetch } from './blob-fetch.ts'

/** How a fetch of a blob does. */
export type FetchReport = {
  readonly state: 'begun' | 'progress' | 'ended' | 'failed'
  readonly source: Source
  readonly digest: Digest
  readonly receivedBytes: number
  /** Undefined until upstream has said so. */
  readonly sizeBytes: number | undefined
  /** How many clients read along. */
  readonly clients: number
  /** Why it failed, fit for anyone to read. */
  readonly error: string | undefined
}

type Listener = (report: FetchReport) => void

const lookEveryMs = 125
const tellEveryMs = 500

type Told = { readonly digest: Digest; receivedBytes: number; notBefore: number }

/** Tells how fetches do: each when it begins and ends, and now and then in between. */
export class FetchReports {
  readonly #tell: Listener
  /** Those under way, and what was last told that each had received. */
  readonly #told = new Map<BlobFetch, Told>()
  #timer: NodeJS.Timeout | undefined

  /** `tell` must not throw. */
  constructor(tell: Listener) {
    this.#tell = tell
  }

  begin(digest: Digest, fetch: BlobFetch): void {
    this.#told.set(fetch, { digest, receivedBytes: 0, notBefore: 0 })
    this.#timer ??= setInterval(() => this.#tellProgress(), lookEveryMs).unref()
    this.#report(digest, fetch, 'begun')
  }

  /** `error` says why it has failed, if it has. */
  end(digest: Digest, fetch: BlobFetch, error: unknown): void {
    this.#told.delete(fetch)
    this.#report(digest, fetch, error === undefined ? 'ended' : 'failed', describe(error))
    if (this.#told.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tellProgress(): void {
    const at = performance.now()
    for (const [fetch, told] of this.#told) {
      const { writtenBytes: receivedBytes } = fetch
      // The first bytes are told of soon: whoever looks on sees that it moves.
      if (receivedBytes === told.receivedBytes || at < told.notBefore) continue
      told.receivedBytes = receivedBytes
      told.notBefore = at + tellEveryMs
      this.#report(told.digest, fetch, 'progress')
    }
  }

  #report(digest: Digest, fetch: BlobFetch, state: FetchReport['state'], error?: string): void {
    const { source, writtenBytes: receivedBytes, sizeBytes, clients } = fetch
    this.#tell({ state, source, digest, receivedBytes, sizeBytes, clients, error })
  }
}

/** What isn't said for others to read is in the log. */
function describe(error: unknown): string | undefined {
  if (error === undefined) return undefined
  if (error instanceof UpstreamError || error instanceof StoreFaultError) return error.message
  return "the server couldn't do it; its log says why"
}
