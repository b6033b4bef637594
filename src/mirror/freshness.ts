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
