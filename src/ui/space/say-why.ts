const dayMs = 86_400_000

/** Why an image is in its place. */
export function sayWhy(lastPulledAt: number, freedBytes: number, now: number): string {
  const days = Math.floor((now - lastPulledAt) / dayMs)
  const idle =
    days >= 1 ? `not pulled for ${days === 1 ? 'a day' : `${days} days`}` : 'pulled today'
  return freedBytes === 0 ? `${idle}; all of it is shared with others` : idle
}
