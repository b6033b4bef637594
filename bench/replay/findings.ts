/** One line of a scenario's table. */
export interface Finding {
  readonly what: string
  readonly measured: string
  /** As a number, for the file of results; undefined where it couldn't be measured. */
  readonly value: number | undefined
  /** What must hold; without it the line only tells. */
  readonly wanted?: string
  readonly isMet?: boolean
  /** Examples of what was missed. */
  readonly details?: readonly string[]
}

export type Format = (value: number) => string

export const asCount: Format = (value) => value.toLocaleString('en', { maximumFractionDigits: 1 })
export const asMs: Format = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`
export const asMegabytes: Format = (value) => `${asCount(value / 1e6)} MB`
export const asPercent: Format = (value) => `${(value * 100).toFixed(1)} %`
export const asTimes: Format = (value) => `${value.toFixed(3)}x`

export const tell = (what: string, value: number | undefined, format: Format): Finding => ({
  what,
  value,
  measured: value === undefined ? 'not measured here' : format(value),
})

interface Limit {
  readonly format: Format
  /** A few words on where the limit comes from. */
  readonly reason?: string
}

export const wantBelow = (
  what: string,
  value: number | undefined,
  limit: number,
  { format, reason }: Limit,
): Finding => {
  const told = tell(what, value, format)
  if (value === undefined) return told
  return { ...told, wanted: withReason(`< ${format(limit)}`, reason), isMet: value < limit }
}

export const wantAtMost = (
  what: string,
  value: number,
  limit: number,
  { format, reason }: Limit,
): Finding => ({
  ...tell(what, value, format),
  wanted: withReason(`<= ${format(limit)}`, reason),
  isMet: value <= limit,
})

export const wantAtLeast = (
  what: string,
  value: number,
  limit: number,
  { format, reason }: Limit,
): Finding => ({
  ...tell(what, value, format),
  wanted: withReason(`>= ${format(limit)}`, reason),
  isMet: value >= limit,
})

export const wantNone = (
  what: string,
  value: number,
  details: readonly string[] = [],
): Finding => ({
  ...tell(what, value, asCount),
  wanted: 'none',
  isMet: value === 0,
  details,
})

export const wantTrue = (what: string, isMet: boolean, wanted: string): Finding => ({
  what,
  value: Number(isMet),
  measured: isMet ? 'yes' : 'no',
  wanted,
  isMet,
})

const withReason = (text: string, reason: string | undefined): string =>
  reason === undefined ? text : `${text} (${reason})`
