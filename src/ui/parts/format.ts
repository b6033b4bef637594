/** Numbers and times as people read them. Exact ones belong into a `title`. */

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const
const counts = new Intl.NumberFormat('en')
const compactCounts = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const dates = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' })

/** `1.4 GiB` */
export function formatBytes(bytes: number): string {
  const size = Math.abs(bytes)
  const step = size < 1 ? 0 : Math.floor(Math.log2(size) / 10)
  const unit = Math.min(step, byteUnits.length - 1)
  const value = bytes / 1024 ** unit
  const digits = unit === 0 || Math.abs(value) >= 100 ? 0 : 1
  return `${value.toFixed(digits)} ${byteUnits[unit]}`
}

/** `1,503,238,553 bytes` */
export function formatExactBytes(bytes: number): string {
  return `${counts.format(Math.round(bytes))} bytes`
}

/** `12,345` */
export function formatCount(count: number): string {
  return counts.format(count)
}

/** `12.3K` */
export function formatCompact(count: number): string {
  return compactCounts.format(count)
}

/** `93 %`, `99.7 %`: never a whole 100 for something less. */
export function formatShare(share: number): string {
  const percent = share * 100
  const digits = percent > 99 && percent < 100 ? 1 : 0
  return `${(Math.floor(percent * 10) / 10).toFixed(digits)} %`
}

const steps: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** `3 hours ago`, `in 5 minutes`, `just now` */
export function formatAgo(at: number, now: number): string {
  const seconds = (at - now) / 1000
  const step = steps.find(([, length]) => Math.abs(seconds) >= length)
  if (!step)
    return Math.abs(seconds) < 10 ? 'just now' : relative.format(Math.round(seconds), 'second')
  return relative.format(Math.round(seconds / step[1]), step[0])
}

/** Local, with its zone. */
export function formatExactTime(at: number): string {
  return dates.format(at)
}

/** `4 ms`, `1.2 s`, `3 min`, `2.5 h` */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`
  return `${(ms / 3_600_000).toFixed(1)} h`
}

/** `sha256:0123456789ab` */
export function shortDigest(digest: string): string {
  return digest.slice(0, digest.indexOf(':') + 13)
}
