import type { Cache } from './caches/cache.ts'
import type { Demand } from './demands.ts'

export interface Outcome {
  /** Share of the blob requests that were answered from the cache. */
  readonly objectHits: number
  /** Share of the bytes of blobs that were: the rest came from upstream. */
  readonly byteHits: number
  /** Share of the pulls of at least one blob for which upstream wasn't asked for anything. */
  readonly pullHits: number
  readonly manifestGets: number
  readonly evictions: number
}

/** Replays all demands. Throws when the cache ever holds more than `capacityBytes`. */
export const simulate = (
  cache: Cache,
  demands: readonly Demand[],
  capacityBytes: number,
): Outcome => {
  const asked = { blobs: 0, bytes: 0, pulls: 0 }
  const found = { blobs: 0, bytes: 0, pulls: 0 }
  let manifestGets = 0
  for (const demand of demands) {
    const served = cache.serve(demand)
    if (cache.keptBytes > capacityBytes)
      throw new Error(`${cache.keptBytes} B are kept where ${capacityBytes} B are the most`)
    manifestGets += served.manifestGets
    const { blobs } = demand
    if (blobs.length === 0) continue
    asked.blobs += blobs.length
    asked.bytes += blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    asked.pulls++
    found.blobs += served.hits
    found.bytes += served.hitBytes
    if (served.manifestGets === 0 && served.hits === blobs.length) found.pulls++
  }
  return {
    objectHits: found.blobs / asked.blobs,
    byteHits: found.bytes / asked.bytes,
    pullHits: found.pulls / asked.pulls,
    manifestGets,
    evictions: cache.evictions,
  }
}

/** Of all blobs that are ever asked for, each counted once. */
export const countUniqueBytes = (demands: readonly Demand[]): number => {
  const blobs = new Set(demands.flatMap((demand) => demand.blobs))
  return blobs.values().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}
