import { FairShares } from '../fair-shares.ts'
import { RegistryError } from '../oci/registry-error.ts'

type Idle = { readonly client: string; readonly since: number }

/** A client that pushes goes on at once; one that comes back so late began anew long ago. */
const abandonedAfterMs = 10 * 60_000
const retryAfterSeconds = 10

/**
 * Bounds the uploads that were begun and aren't finished, each with its file, by client. Those of
 * which an earlier process knew don't count: in a day they are gone.
 */
export class UploadPlaces {
  readonly #shares: FairShares
  readonly #now: () => number
  readonly #clients = new Map<string, string>()
  /** Those in no request's hold; the one that has been so for longest comes first. */
  readonly #idle = new Map<string, Idle>()

  constructor(max: number, now: () => number) {
    this.#shares = new FairShares(max)
    this.#now = now
  }

  /**
   * One for a new upload; where it takes the place of one that was abandoned, gives the id of that, which
   * is to be discarded. Throws RegistryError TOOMANYREQUESTS.
   */
  take(id: string, client: string): string | undefined {
    const abandoned = this.#shares.hasRoom(client) ? undefined : this.#findAbandoned(client)
    if (abandoned !== undefined) this.free(abandoned)
    if (abandoned === undefined && !this.#shares.hasRoom(client)) throw tooMany()
    this.#clients.set(id, client)
    this.#shares.take(client)
    return abandoned
  }

  /** A request has it. */
  hold(id: string): void {
    this.#idle.delete(id)
  }

  /** No request has it any more. */
  leave(id: string): void {
    const client = this.#clients.get(id)
    if (client !== undefined) this.#idle.set(id, { client, since: this.#now() })
  }

  /** It is at its end; no error for one that doesn't count. */
  free(id: string): void {
    const client = this.#clients.get(id)
    if (client === undefined) return
    this.#shares.giveBack(client)
    this.#clients.delete(id)
    this.#idle.delete(id)
  }

  /** The client's own; where there is no place at all, anybody's. */
  #findAbandoned(client: string): string | undefined {
    const until = this.#now() - abandonedAfterMs
    for (const [id, idle] of this.#idle) {
      if (idle.since > until) return undefined
      if (idle.client === client || this.#shares.isFull) return id
    }
    return undefined
  }
}

function tooMany(): RegistryError {
  const what =
    'too many uploads from your address are under way: end or cancel some of them, or push fewer layers at once'
  return new RegistryError('TOOMANYREQUESTS', what, { retryAfterSeconds, isHosted: true })
}
