import type { BudgetSample } from '../store/budget-records.ts'

/** Pulls that count against a limit until their window is over. */
export type Batch = {
  /** No later than this they happened. */
  readonly at: number
  readonly count: number
  /** Whether they were heard of soon after; if not, they may have happened long before `at`. */
  readonly isSeen: boolean
}

/**
 * Which pulls make up what is used of a limit, the earliest first, going by one account's samples in their order.
 * Each counts from when it happened until `windowSeconds` later: Docker Hub's window slides. So what is used
 * at a time is what was used before, less what is over by then, and more than that are new pulls. What is
 * less than that came back earlier than was thought, all at once where upstream begins its windows anew, and
 * then the earliest go.
 */
export function findOutstanding(samples: readonly BudgetSample[], now: number): readonly Batch[] {
  let batches: readonly Batch[] = []
  let previous: BudgetSample | undefined
  for (const sample of samples) {
    // A clock that was set forward and back again leaves what hasn't happened yet.
    if (sample.at > now) break
    const { heardAt, limit, lowest, remaining } = sample
    const isSeen = previous !== undefined && isContinued(previous, sample)
    batches = unexpired(batches, sample, heardAt)
    for (const left of [lowest, remaining]) {
      batches = settle(batches, Math.max(0, limit - left), { at: heardAt, isSeen })
    }
    previous = sample
  }
  return previous === undefined ? [] : unexpired(batches, previous, now)
}

/** Whether what is used more was pulled in between: another limit, or a whole window's silence, says nothing of that. */
function isContinued(previous: BudgetSample, sample: BudgetSample): boolean {
  const silenceMs = sample.heardAt - previous.heardAt
  return previous.limit === sample.limit && silenceMs < sample.windowSeconds * 1000
}

function unexpired(
  batches: readonly Batch[],
  { windowSeconds }: BudgetSample,
  at: number,
): readonly Batch[] {
  return batches.filter((batch) => batch.at > at - windowSeconds * 1000)
}

function settle(
  batches: readonly Batch[],
  used: number,
  heard: Pick<Batch, 'at' | 'isSeen'>,
): readonly Batch[] {
  const known = countPulls(batches)
  if (used > known) return [...batches, { ...heard, count: used - known }]
  return dropEarliest(batches, known - used)
}

function dropEarliest(batches: readonly Batch[], count: number): readonly Batch[] {
  let left = count
  return batches.flatMap((batch) => {
    const dropped = Math.min(left, batch.count)
    left -= dropped
    return dropped === batch.count ? [] : [{ ...batch, count: batch.count - dropped }]
  })
}

export function countPulls(batches: readonly Batch[]): number {
  return batches.reduce((sum, { count }) => sum + count, 0)
}
