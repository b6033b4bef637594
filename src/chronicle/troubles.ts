import { mostTroublesEach, type Trouble, type TroubleKind } from '../store/chronicle-records.ts'

export type News = {
  readonly upstream: string
  readonly url: string
  readonly kind: TroubleKind
  readonly repository: string
  readonly message: string
}

/** Of all upstreams together. */
const mostWaiting = 10 * mostTroublesEach

/** What went wrong and isn't written yet. */
export class Troubles {
  #waiting: Trouble[] = []

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  add(news: News, now: number): void {
    const index = this.#waiting.findLastIndex(({ upstream }) => upstream === news.upstream)
    const before = this.#waiting[index]
    if (before && isSame(before, news)) {
      this.#waiting[index] = { ...before, lastAt: now, times: before.times + 1 }
      return
    }
    this.#waiting.push({ ...news, firstAt: now, lastAt: now, times: 1 })
    if (this.#waiting.length > mostWaiting) this.#waiting.shift()
  }

  /** All of it; what can't be written is put back. */
  take(): readonly Trouble[] {
    const taken = this.#waiting
    this.#waiting = []
    return taken
  }

  putBack(troubles: readonly Trouble[]): void {
    this.#waiting = [...troubles, ...this.#waiting].slice(-mostWaiting)
  }
}

function isSame(trouble: Trouble, news: News): boolean {
  return (Object.keys(news) as (keyof News)[]).every((name) => trouble[name] === news[name])
}
