const stretchedBy = 12
const shortestStretchedMs = 60_000

/**
 * Whether what upstream said at `checkedAt` still counts. A clock that was set back makes nothing
 * fresh for ever.
 */
export function isFresh(
  checkedAt: number,
  { now, ttlMs }: { now: number; ttlMs: number },
): boolean {
  const ageMs = now - checkedAt
  return ageMs >= 0 && ageMs < ttlMs
}

/** With little left of upstream's limit on pulls, checks are the first to do without. */
export function stretch(ttlMs: number): number {
  return Math.max(ttlMs, shortestStretchedMs) * stretchedBy
}
