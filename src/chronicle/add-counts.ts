import { type Slot, type SlotCounter, slotCounterNames } from '../store/chronicle-records.ts'

type Counts = Slot['counts']

export function addCounts(all: readonly Counts[]): Counts {
  const sums = slotCounterNames.map((name) => {
    return [name, all.reduce((sum, counts) => sum + counts[name], 0)] as const
  })
  return Object.fromEntries(sums) as Record<SlotCounter, number>
}
