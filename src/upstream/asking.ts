import { setTimeout as delay } from 'node:timers/promises'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { jittered } from './jitter.ts'
import { Misses } from './misses.ts'
import { UpstreamError } from './upstream-error.ts'
import type { Ask, AskOptions, UpstreamUrls } from './upstream-urls.ts'

type Settings = {
  readonly upstream: UpstreamName
  readonly urls: UpstreamUrls
  readonly missTtlMs: number
  readonly elapsedMs: () => number
  readonly isOffline: () => boolean
}

/** What is asked for, as far as remembering a "not found" goes. */
export type Question = {
  /** The same for all questions that a "not found" to one of them answers. */
  readonly key: string
  /** Whether it may be about what refers to an image. */
  readonly isAboutReferrers?: boolean
}

/** Before the second try and before the third. */
const retryPausesMs = [100, 400] as const
/** A signature pushed a moment ago must not stay hidden: what might be one is missed no longer than this. */
const longestReferrerMissMs = 5_000

/** Asks an upstream, unless it may not be asked or has said lately that it doesn't have it. */
export class Asking {
  readonly #settings: Settings
  readonly #misses: Misses

  constructor(settings: Settings) {
    this.#settings = settings
    this.#misses = new Misses(settings.elapsedMs)
  }

  /** Why nothing may be asked; undefined where it may. */
  get refusal(): UpstreamError | undefined {
    const { upstream, isOffline } = this.#settings
    if (!isOffline()) return undefined
    return new UpstreamError(upstream, 'offline', "isn't asked: this mirror is offline")
  }

  /** Asks the upstream's URLs. Throws UpstreamError. */
  ask<T>(question: Question, ask: Ask<T>, options: AskOptions = {}): Promise<T> {
    return this.unlessMissed(question, () => this.askUrls(ask, options))
  }

  /** Does what will ask, perhaps again and again, unless the answer is known to be "not found". */
  async unlessMissed<T>(question: Question, task: () => Promise<T>): Promise<T> {
    const { missTtlMs } = this.#settings
    const { key, isAboutReferrers } = question
    const { refusal } = this
    if (refusal) throw refusal
    const ttlMs = isAboutReferrers ? Math.min(missTtlMs, longestReferrerMissMs) : missTtlMs
    return this.#misses.run(key, ttlMs, task)
  }

  /** Asks the URLs, and once more after a moment where that may help. */
  async askUrls<T>(ask: Ask<T>, options: AskOptions): Promise<T> {
    for (const pauseMs of options.isOnlyTry ? [] : retryPausesMs) {
      try {
        return await this.#askUrlsOnce(ask, options)
      } catch (error) {
        const isWorthIt = error instanceof UpstreamError && error.isWorthRetrying
        if (!isWorthIt || this.#settings.urls.outage || options.signal?.aborted) throw error
        await delay(jittered(pauseMs))
      }
    }
    return this.#askUrlsOnce(ask, options)
  }

  async #askUrlsOnce<T>(ask: Ask<T>, options: AskOptions): Promise<T> {
    const findRefusal = () => (options.isPromised ? undefined : this.refusal)
    const refuse = () => {
      const refusal = findRefusal()
      if (refusal) throw refusal
    }
    refuse()
    try {
      return await this.#settings.urls.ask(async (endpoint) => {
        // Whether upstream may be asked was found out before waiting for its turn.
        refuse()
        return ask(endpoint)
      }, options)
    } catch (error) {
      // Switched offline meanwhile: that says more than what came of asking.
      throw findRefusal() ?? error
    }
  }
}
