/** So many manifest GETs in so long a time, as Docker Hub allows an address. */
export interface LimitSettings {
  readonly pulls: number
  readonly windowMs: number
}

/** A window that slides: a pull counts for as long as the window is. */
export class PullLimit {
  readonly #settings: LimitSettings
  readonly #pulls: number[] = []

  constructor(settings: LimitSettings) {
    this.#settings = settings
  }

  /** Takes one pull; false if none is left. */
  take(): boolean {
    this.#forget()
    if (this.#pulls.length >= this.#settings.pulls) return false
    this.#pulls.push(performance.now())
    return true
  }

  /** As Docker Hub says it, with every manifest answer, HEAD or GET. */
  headers(): Record<string, string> {
    this.#forget()
    const window = Math.max(1, Math.round(this.#settings.windowMs / 1000))
    const remaining = this.#settings.pulls - this.#pulls.length
    return {
      'ratelimit-limit': `${this.#settings.pulls};w=${window}`,
      'ratelimit-remaining': `${remaining};w=${window}`,
      'docker-ratelimit-source': '192.0.2.1',
    }
  }

  /** Until the oldest pull no longer counts. */
  retryAfterSeconds(): number {
    const [oldest = 0] = this.#pulls
    const leftMs = oldest + this.#settings.windowMs - performance.now()
    return Math.max(1, Math.ceil(leftMs / 1000))
  }

  #forget(): void {
    const since = performance.now() - this.#settings.windowMs
    const first = this.#pulls.findIndex((at) => at > since)
    this.#pulls.splice(0, first === -1 ? this.#pulls.length : first)
  }
}
