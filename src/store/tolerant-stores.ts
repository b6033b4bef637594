import type { Stores } from './open-stores.ts'
import { Tolerance } from './tolerance.ts'
import { tolerantBlobs } from './tolerant-blobs.ts'
import { tolerantMetadata } from './tolerant-metadata.ts'

/**
 * The same stores for a mirror, which can always ask upstream: no pull fails for the disk's sake.
 * Each failure is told to `stores.health`. Whoever owns content that exists nowhere else must not
 * use these.
 */
export function tolerantStores(stores: Stores): Stores {
  const tolerance = new Tolerance(stores.health)
  return {
    ...stores,
    blobs: tolerantBlobs(stores.blobs, tolerance),
    metadata: tolerantMetadata(stores.metadata, tolerance),
  }
}
