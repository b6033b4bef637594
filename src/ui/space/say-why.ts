const dayMs = 86_400_000

/** Why an image is in its place. */
export function sayWhy(lastPulledAt: number, freedBytes: number, now: number): string {
  const days = Math.floor((now - lastPulledAt) / dayMs)
  const idle =
    days >= 1
      ? `nobody has pulled it for ${days === 1 ? 'a day' : `${days} days`}`
      : 'nobody has pulled it since'
  return freedBytes === 0 ? `${idle}; others need all of its layers` : idle
}
