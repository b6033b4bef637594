import type { ForecastAnswer } from '../answers/budget.ts'

const minuteMs = 60_000
const dayMs = 86_400_000

/** Whether a limit lasts, for people. */
export function describeForecast(forecast: ForecastAnswer | undefined, now: number): string {
  if (forecast === undefined) return '-'
  const rate = describeRate(forecast.pullsPerHour)
  switch (forecast.state) {
    case 'enough':
      return `enough, ${rate}`
    case 'running-out': {
      const end = Date.parse(forecast.usedUpAt)
      return `used up in about ${formatSpan(end - now)} (${formatClock(end, now)}), ${rate}`
    }
    case 'used-up': {
      const back = forecast.backBy && formatClock(Date.parse(forecast.backBy), now)
      return back ? `used up; first pulls come back by about ${back}` : 'used up'
    }
  }
}

function describeRate(pullsPerHour: number): string {
  if (pullsPerHour === 0) return 'nothing was pulled of late'
  const rounded = pullsPerHour < 10 ? pullsPerHour : Math.round(pullsPerHour)
  return `at ${rounded} ${rounded === 1 ? 'pull' : 'pulls'} an hour`
}

/** `2 h 10 min`, to five minutes where it is longer than a quarter of an hour. */
export function formatSpan(ms: number): string {
  const exact = Math.max(1, Math.round(ms / minuteMs))
  const minutes = exact > 15 ? Math.round(exact / 5) * 5 : exact
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`
}

/** As the clock on the wall has it, with the date where that is more than a day away. */
export function formatClock(at: number, now: number): string {
  const offsetMs = new Date(at).getTimezoneOffset() * minuteMs
  const local = new Date(at - offsetMs).toISOString()
  const clock = local.slice(11, 16)
  return Math.abs(at - now) < dayMs ? clock : `${local.slice(0, 10)} ${clock}`
}
