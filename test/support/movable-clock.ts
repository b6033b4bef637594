import type { Clock } from '../../src/clock.ts'

/** The server's clock, which goes by itself and can be moved on top of that. Timers don't move. */
export class MovableClock implements Clock {
  #passedMs = 0
  #jumpedMs = 0

  readonly now = (): number => Date.now() + this.#passedMs + this.#jumpedMs

  readonly elapsedMs = (): number => performance.now() + this.#passedMs

  /** So much time passes. */
  advance(ms: number): void {
    this.#passedMs += ms
  }

  /** Somebody sets the clock, forward or back; no time passes. */
  jump(ms: number): void {
    this.#jumpedMs += ms
  }
}
