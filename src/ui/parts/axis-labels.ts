import { formatBytes } from './format.ts'

const hourSeconds = 3_600
const daySeconds = 24 * hourSeconds
const times = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const days = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const months = new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric' })
const aKibibyte = 1024
const powers = Array.from({ length: 61 }, (_, power) => 2 ** power)

/** The hour, or at the begin of a day the day; seconds since 1970. */
export function labelTimes(splits: readonly number[], stepSeconds: number): string[] {
  return splits.map((split) => {
    const time = new Date(split * 1000)
    if (stepSeconds >= 28 * daySeconds) return months.format(time)
    const isMidnight = time.getHours() === 0 && time.getMinutes() === 0
    return stepSeconds >= daySeconds || isMidnight ? days.format(time) : times.format(time)
  })
}

/** By how much lines across may be apart: whole numbers, of bytes ones that are round in their own units. */
export function stepsOf(format: (value: number) => string): number[] | undefined {
  return format(aKibibyte) === formatBytes(aKibibyte) ? powers : undefined
}
