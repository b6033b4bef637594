import type { UpstreamName } from '../oci/upstream-name.ts'
import { UpstreamError } from './upstream-error.ts'

export type SilenceSettings = {
  readonly upstream: UpstreamName
  readonly silentAfterMs: number
  /** Hears of a request that has had no answer for so long; it may get one yet. */
  readonly onSilence: (error: UpstreamError) => void
}

/** Lets it be known, once a request, when neither it nor any other to the same URL has been answered for long. */
export class SilenceWatch {
  readonly #settings: SilenceSettings
  #heardCount = 0

  constructor(settings: SilenceSettings) {
    this.#settings = settings
  }

  /**
   * Watches one request. Only the registry's own answer counts, which `heard` is to be called for;
   * where that leads is another matter.
   */
  async watch<T>(ask: (heard: () => void) => Promise<T>): Promise<T> {
    const { silentAfterMs, onSilence } = this.#settings
    let heardCount = this.#heardCount
    const silence = setInterval(() => {
      // While others are answered, this one waits for a connection and not for upstream.
      const isSilent = heardCount === this.#heardCount
      heardCount = this.#heardCount
      if (!isSilent) return
      clearInterval(silence)
      onSilence(this.#silent())
    }, silentAfterMs)
    const heard = () => {
      this.#heardCount++
      clearInterval(silence)
    }
    return ask(heard).finally(() => clearInterval(silence))
  }

  #silent(): UpstreamError {
    const { upstream, silentAfterMs } = this.#settings
    const what = `has not answered for ${silentAfterMs / 1000} s`
    return new UpstreamError(upstream, 'unavailable', what, { isTimeout: true })
  }
}
