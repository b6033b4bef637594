/**
 * How an answer came about: `hit` from what is kept, `miss` fetched and kept, `stale` kept though
 * upstream couldn't confirm it, `pass` passed on without being kept, `hosted` pushed here.
 */
export type CacheOutcome = 'hit' | 'miss' | 'stale' | 'pass' | 'hosted'
