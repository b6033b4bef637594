import { RegistryError } from '../oci/registry-error.ts'

const mostStreams = 100
const mostPerClient = 10
const retryAfterSeconds = 30

/** How many streams there are, in all threads, and whose. */
export class StreamPlaces {
  readonly #taken = new Map<string, number>()
  #total = 0

  /** Throws RegistryError TOOMANYREQUESTS or UNAVAILABLE; gives what gives the place back. */
  take(client: string): () => void {
    const own = this.#taken.get(client) ?? 0
    if (own >= mostPerClient) {
      const what = `you have ${own} streams of events open, which is as many as one client may: close some of them`
      throw new RegistryError('TOOMANYREQUESTS', what, { retryAfterSeconds })
    }
    if (this.#total >= mostStreams) {
      const what = `${mostStreams} streams of events are open, which is as many as there may be: try again later`
      throw new RegistryError('UNAVAILABLE', what, { retryAfterSeconds })
    }
    this.#taken.set(client, own + 1)
    this.#total++
    return () => this.#giveBack(client)
  }

  #giveBack(client: string): void {
    const left = (this.#taken.get(client) ?? 0) - 1
    if (left > 0) this.#taken.set(client, left)
    else this.#taken.delete(client)
    this.#total--
  }
}
