/** Of so many days pulls are told, today among them; days are those of UTC. */
export const pullDays = 30
const dayMs = 86_400_000

/** When the first of them began. */
export function firstPullDay(now: number): number {
  return now - (now % dayMs) - (pullDays - 1) * dayMs
}

/** A number for each of the days; what lies outside isn't counted. */
export function spreadOverDays(
  sums: Iterable<{ readonly at: number; readonly pulls: number }>,
  since: number,
): readonly number[] {
  const days = Array.from({ length: pullDays }, () => 0)
  for (const { at, pulls } of sums) {
    const day = Math.floor((at - since) / dayMs)
    if (days[day] !== undefined) days[day] += pulls
  }
  return days
}
