import { type SlotLength, slotLengthsMs } from '../store/chronicle-records.ts'

/** Short slots are kept no longer. */
const longestShortMs = 48 * 3_600_000
/** Of one upstream, as many bars as can be told from each other. */
const mostOfOne = 96
/** Of all: half an hour each, of a day. */
const mostOfAll = 48

/** In which slots a time is told, and how many of them are put together. */
export function chooseCells(
  rangeMs: number,
  { isOne }: { readonly isOne: boolean },
): { readonly length: SlotLength; readonly perCell: number } {
  const length = rangeMs <= longestShortMs ? 'short' : 'long'
  const slots = Math.round(rangeMs / slotLengthsMs[length])
  return { length, perCell: Math.max(1, Math.ceil(slots / (isOne ? mostOfOne : mostOfAll))) }
}
