/**
 * Two clocks, because they answer different questions. `now` is the wall clock in milliseconds
 * since 1970, for what is written down and compared after a restart; someone may set it, by hours
 * and in either direction. `elapsedMs` only ever goes forward, for how long to wait: by the wall
 * clock, a wait could end at once or never.
 */
export type Clock = { readonly now: () => number; readonly elapsedMs: () => number }

export const systemClock: Clock = { now: Date.now, elapsedMs: () => performance.now() }
