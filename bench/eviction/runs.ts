import type { Report } from '../progress.ts'
import type { Demand } from './demands.ts'
import { type Policy, policies } from './policies.ts'
import { countUniqueBytes, type Outcome, simulate } from './simulate.ts'

/** One policy on one trace with one size of cache. */
export interface Run extends Outcome {
  readonly seed: number
  readonly cap: number
  readonly policy: string
}

interface Plan {
  readonly seeds: number
  readonly caps: readonly number[]
  readonly createDemands: (seed: number) => readonly Demand[]
  readonly report: Report
}

/** Every policy with every size of cache on the traces of the seeds 1, 2, 3 and so on. */
export const runAll = ({ seeds, caps, createDemands, report }: Plan): readonly Run[] => {
  const runs: Run[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const demands = createDemands(seed)
    const uniqueBytes = countUniqueBytes(demands)
    report(`trace ${seed} of ${seeds}: ${Math.round(uniqueBytes / 1e9)} GB are asked for`)
    for (const cap of caps) {
      const capacityBytes = Math.floor(cap * uniqueBytes)
      const outcomes = policies.map((policy) => runOne(policy, demands, capacityBytes))
      runs.push(...outcomes.map((outcome) => ({ seed, cap, ...outcome })))
    }
  }
  return runs
}

const runOne = (policy: Policy, demands: readonly Demand[], capacityBytes: number) => {
  const mostBytes = policy.isUnbounded === true ? Number.POSITIVE_INFINITY : capacityBytes
  const cache = policy.create({ capacityBytes: mostBytes, demands })
  return { policy: policy.name, ...simulate(cache, demands, mostBytes) }
}
