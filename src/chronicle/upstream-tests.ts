import { RegistryError } from '../oci/registry-error.ts'
import type { UpstreamTest } from './any-chronicle.ts'
import type { WatchedMirror } from './watched-mirror.ts'

const atOnce = 4
const deadlineMs = 20_000

/** Tests that run: of each upstream one, however many ask. */
export class UpstreamTests {
  readonly #running = new Map<string, Promise<UpstreamTest>>()
  readonly #stopping = new AbortController()

  /** Throws RegistryError. */
  run(mirror: WatchedMirror, host: string): Promise<UpstreamTest> {
    const known = this.#running.get(host)
    if (known !== undefined) return known
    if (this.#running.size >= atOnce) {
      const what = `${atOnce} upstreams are being tested already: ask again in some seconds`
      throw new RegistryError('TOOMANYREQUESTS', what, { retryAfterSeconds: 5 })
    }
    const signal = AbortSignal.any([AbortSignal.timeout(deadlineMs), this.#stopping.signal])
    const test = mirror.testUpstream(host, signal).finally(() => this.#running.delete(host))
    this.#running.set(host, test)
    return test
  }

  /** Those that run tell how far they came. */
  stop(): void {
    this.#stopping.abort()
  }
}
