import type { BudgetSample } from '../store/budget-records.ts'
import { slotMs } from './accounts.ts'

/** A day of slots. */
const mostPoints = 288

/** One account's samples since then, no more than a chart needs: of several the last, with the lowest of all. */
export function toChart(
  samples: readonly BudgetSample[],
  { since, now }: { readonly since: number; readonly now: number },
): readonly BudgetSample[] {
  const shown = samples.filter(({ heardAt }) => heardAt >= since && heardAt <= now)
  const stepMs = Math.ceil((now - since) / mostPoints / slotMs) * slotMs
  const steps = Map.groupBy(shown, ({ at }) => Math.floor(at / stepMs))
  return [...steps.values()].flatMap((step) => {
    const last = step.at(-1)
    const lowest = Math.min(...step.map((sample) => sample.lowest))
    return last ? [{ ...last, lowest }] : []
  })
}
