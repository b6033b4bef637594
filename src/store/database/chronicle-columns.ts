import { type SlotCounter, slotCounterNames } from '../chronicle-records.ts'

/** `down_ms` for `downMs`. */
export type SlotColumn = Exclude<SlotCounter, 'downMs' | 'limitedMs'> | 'down_ms' | 'limited_ms'

/** In the order of slotCounterNames. */
export const slotColumns: readonly SlotColumn[] = slotCounterNames.map(toColumn)

export function toColumn(name: SlotCounter): SlotColumn {
  if (name === 'downMs') return 'down_ms'
  return name === 'limitedMs' ? 'limited_ms' : name
}
