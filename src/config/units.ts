import { ValueError } from './value-error.ts'

type Units = ReadonlyMap<string, number>

// Largest first: formatting takes the first unit that divides without a rest.
const sizeUnits: Units = new Map([
  ['PiB', 2 ** 50],
  ['PB', 1e15],
  ['TiB', 2 ** 40],
  ['TB', 1e12],
  ['GiB', 2 ** 30],
  ['GB', 1e9],
  ['MiB', 2 ** 20],
  ['MB', 1e6],
  ['KiB', 2 ** 10],
  ['KB', 1e3],
  ['B', 1],
])

const durationUnits: Units = new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
])

const longestTimeoutMs = 86_400_000
const wantedSize = 'a size such as 500MB, 10GiB or 1024 (bytes)'
const wantedRate = 'a rate such as 50MB/s'
const wantedDuration = 'a duration such as 30s, 5m or 7d'
const wantedShare = 'a share such as 85%, from 0% to 100%'
const amountPattern = /^([0-9]+(?:\.[0-9]+)?)([A-Za-z]+)$/

/** Reads `10GiB`, `500MB` or `1024` as bytes. Throws ValueError. */
export function parseSize(value: unknown): number {
  const text = typeof value === 'number' ? String(value) : value
  const bytes = isDigits(text) ? Number(text) : parseAmount(text, sizeUnits)
  if (bytes === undefined || !Number.isSafeInteger(bytes)) throw new ValueError(value, wantedSize)
  return bytes
}

/** Writes bytes so that parseSize reads exactly the same number again. */
export function formatSize(bytes: number): string {
  return formatAmount(bytes, sizeUnits) ?? '0B'
}

/** Reads `50MB/s` as bytes per second, above zero. Throws ValueError. */
export function parseRate(value: unknown): number {
  const amount = typeof value === 'string' && value.endsWith('/s') ? value.slice(0, -2) : ''
  const bytesPerSecond = parseAmount(amount, sizeUnits)
  if (!bytesPerSecond) throw new ValueError(value, wantedRate)
  return bytesPerSecond
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`
}

const binaryUnits = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** For people, rounded: `512 B`, `1.4 KiB`, `12 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  let value = bytes / 1024
  let unit = 0
  // 999.6 would be written as 1000.
  for (; value >= 999.5 && unit < binaryUnits.length - 1; unit++) value /= 1024
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${binaryUnits[unit]}`
}

/** Reads `500ms`, `30s`, `5m`, `1h` or `7d` as milliseconds; 0 needs no unit. Throws ValueError. */
export function parseDuration(value: unknown): number {
  if (value === 0 || value === '0') return 0
  const durationMs = parseAmount(value, durationUnits)
  if (durationMs === undefined) throw new ValueError(value, wantedDuration)
  return durationMs
}

/** A duration for a wait: above zero, and far below the 24 days at which Node's timers overflow. */
export function parseTimeout(value: unknown): number {
  const timeoutMs = parseDuration(value)
  if (timeoutMs > 0 && timeoutMs <= longestTimeoutMs) return timeoutMs
  throw new ValueError(value, 'a duration above 0 and at most 1d')
}

export function formatDuration(durationMs: number): string {
  return formatAmount(durationMs, durationUnits) ?? '0s'
}

/** Reads `85%` as 0.85. Throws ValueError. */
export function parseShare(value: unknown): number {
  const match = typeof value === 'string' ? /^([0-9]+(?:\.[0-9]{1,3})?)%$/.exec(value) : null
  const share = match ? Number(match[1]) / 100 : Number.NaN
  if (!(share >= 0 && share <= 1)) throw new ValueError(value, wantedShare)
  return share
}

/** Writes 0.07 as `7%`, without the rest that binary fractions leave (7.000000000000001). */
export function formatShare(share: number): string {
  return `${Number((share * 100).toPrecision(12))}%`
}

function isDigits(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9]+$/.test(text)
}

function parseAmount(value: unknown, units: Units): number | undefined {
  const match = typeof value === 'string' ? amountPattern.exec(value) : null
  const factor = units.get(match?.[2] ?? '')
  if (!match || factor === undefined) return undefined
  const amount = Math.round(Number(match[1]) * factor)
  return Number.isSafeInteger(amount) ? amount : undefined
}

function formatAmount(amount: number, units: Units): string | undefined {
  if (amount === 0) return undefined
  for (const [unit, factor] of units) {
    if (amount % factor === 0) return `${amount / factor}${unit}`
  }
  return undefined
}
