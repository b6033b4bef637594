const seconds = { minute: 60, hour: 3600, day: 86_400, week: 604_800, year: 31_557_600 } as const
const ages = [
  { name: 'minute', from: seconds.minute, length: seconds.minute },
  { name: 'hour', from: 2 * seconds.hour, length: seconds.hour },
  { name: 'day', from: 2 * seconds.day, length: seconds.day },
  { name: 'week', from: 2 * seconds.week, length: seconds.week },
  { name: 'month', from: 2 * (seconds.year / 12), length: seconds.year / 12 },
  { name: 'year', from: 2 * seconds.year, length: seconds.year },
] as const

/** `3 hours ago`, of a time as ISO 8601 has it; `never` where there is none. */
export function formatAgo(time: string | undefined, now: number): string {
  if (time === undefined) return 'never'
  const age = (now - Date.parse(time)) / 1000
  const unit = ages.findLast(({ from }) => age >= from)
  if (!unit) return age < -seconds.minute ? 'in the future' : 'just now'
  const count = Math.floor(age / unit.length)
  return `${count} ${unit.name}${count === 1 ? '' : 's'} ago`
}
