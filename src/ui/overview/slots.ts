import type { Figures, Report } from '../../traffic/any-reports.ts'

/** What happened between two times. */
export type Slot = {
  readonly at: number
  readonly pulls: number
  readonly cachedBytes: number
  readonly upstreamBytes: number
  readonly hostedBytes: number
  readonly fetchedBytes: number
  readonly savedBytes: number
}

type Summed = Exclude<keyof Slot, 'at'>

const none: Readonly<Record<Summed, number>> = {
  pulls: 0,
  cachedBytes: 0,
  upstreamBytes: 0,
  hostedBytes: 0,
  fetchedBytes: 0,
  savedBytes: 0,
}
const summed = Object.keys(none) as readonly Summed[]

/** A report by hour or day as equal slots, those in which nothing happened too. */
export function toSlots(report: Pick<Report, 'since' | 'until' | 'rows'>, slotMs: number): Slot[] {
  const first = Math.floor(Date.parse(report.since) / slotMs)
  const end = Math.ceil(Date.parse(report.until) / slotMs)
  const slots = Array.from({ length: Math.max(end - first, 1) }, (_, index) => {
    return { at: (first + index) * slotMs, ...none }
  })
  for (const row of report.rows) {
    const index = Math.floor(Date.parse(row.hour ?? row.day ?? '') / slotMs) - first
    const slot = slots[index]
    if (slot) slots[index] = addUp(slot, row)
  }
  return slots
}

function addUp(slot: Slot & Record<Summed, number>, figures: Figures) {
  const sum = { ...slot }
  for (const key of summed) sum[key] += figures[key]
  return sum
}

/** Of what was served of mirrored images, the share that was kept, in percent. */
export function cachedPercent({ cachedBytes, upstreamBytes }: Slot): number {
  const all = cachedBytes + upstreamBytes
  return all === 0 ? 0 : (cachedBytes / all) * 100
}

/** `12 % more than before`: than in as long a time before. */
export function compare(now: number, before: number | undefined): string {
  if (before === undefined) return ''
  if (before === 0) return now === 0 ? 'none before either' : 'none before'
  const percent = Math.round(((now - before) / before) * 100)
  if (percent === 0) return 'as many as before'
  if (percent > 900) return 'many times more than before'
  return `${Math.abs(percent)} % ${percent > 0 ? 'more' : 'fewer'} than before`
}
