import type { SpaceHistoryAnswer } from '../../answers/space.ts'
import type { ChartData } from '../parts/chart-data.ts'
import { formatBytes } from '../parts/format.ts'
import { keptParts, otherBytes } from './kept-parts.ts'

type Data = Pick<ChartData, 'times' | 'stepMs' | 'series' | 'marks'>

/** Steps of which nothing was noted, as while the server didn't run, are gaps. */
export function historyData({ stepSeconds, samples, evictions }: SpaceHistoryAnswer): Data {
  const stepMs = stepSeconds * 1000
  const stepOf = (at: string) => Math.floor(Date.parse(at) / stepMs) * stepMs
  const byStep = new Map(samples.map((sample) => [stepOf(sample.at), sample]))
  const first = Math.min(...byStep.keys())
  const last = Math.max(...byStep.keys())
  const times: number[] = []
  for (let time = first; time <= last; time += stepMs) times.push(time)
  const kept = keptParts.map(({ key, name, color }) => ({
    name,
    color,
    values: times.map((time) => byStep.get(time)?.[key] ?? null),
  }))
  const others = times.map((time) => {
    const sample = byStep.get(time)
    return sample ? otherBytes(sample, sample.usedBytes) : null
  })
  return {
    times,
    stepMs,
    series: [...kept, { name: 'Other files', color: 'other', values: others }],
    marks: evictions.map(({ at, freedBytes }) => {
      return { time: Date.parse(at) + stepMs / 2, name: `${formatBytes(freedBytes)} evicted` }
    }),
  }
}
