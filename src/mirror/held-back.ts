/**
 * Held back until the digest is right, so that nothing wrong is ever whole. A blob no larger than
 * this isn't begun to be served before it is verified, and can fail with an honest status.
 */
export const heldBackBytes = 64 * 1024

/** How many bytes from the beginning of a blob may be served, of those that are there. */
export function servableBytes(
  presentBytes: number,
  { sizeBytes, isVerified }: { sizeBytes: number; isVerified: boolean },
): number {
  if (isVerified) return presentBytes
  return Math.max(0, Math.min(presentBytes, sizeBytes - heldBackBytes))
}
