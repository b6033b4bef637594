import { formatBytes } from '../config/units.ts'

const minuteMs = 60_000
const spans = [
  { name: 'day', from: 2 * 86_400_000, length: 86_400_000 },
  { name: 'hour', from: 2 * 3_600_000, length: 3_600_000 },
  { name: 'minute', from: 2 * minuteMs, length: minuteMs },
  { name: 'second', from: 0, length: 1_000 },
] as const

/** `1,204`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en')
}

/** `1 pull`, `1,204 pulls`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** Also below zero, as what was saved may be. */
export function formatSaved(bytes: number): string {
  return bytes < 0 ? `-${formatBytes(-bytes)}` : formatBytes(bytes)
}

/** `91 %`; what is nearly all isn't written as all. */
export function formatRatio(ratio: number | undefined): string {
  if (ratio === undefined) return '-'
  const percent = ratio * 100
  const isNearly = percent > 99 && percent < 100
  return `${isNearly ? Math.floor(percent * 10) / 10 : Math.round(percent)} %`
}

/** `41 minutes`. */
export function formatSpan(durationMs: number): string {
  const unit = spans.find(({ from }) => durationMs >= from) ?? spans[3]
  return countOf(Math.round(durationMs / unit.length), unit.name)
}

/** Of one answer: `12 ms`, `1.2 s`. */
export function formatMs(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.max(1, Math.round(durationMs))} ms`
  return `${(durationMs / 1_000).toFixed(durationMs < 9_950 ? 1 : 0)} s`
}

/** `3.06 USD`. */
export function formatMoney(amount: number, currency: string): string {
  const isTiny = amount > 0 && amount < 0.005
  const text = amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  return isTiny ? `less than 0.01 ${currency}` : `${text} ${currency}`
}

/** What images are told apart by stands at their end, and where they come from at their beginning. */
export function cutMiddle(text: string, length = text.length): string {
  if (text.length <= length) return text
  const head = Math.floor((length - 1) / 3)
  return `${text.slice(0, head)}…${text.slice(text.length - (length - 1 - head))}`
}
