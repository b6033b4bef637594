import type { Labels } from './series.ts'

/** Durations that were counted by how long they took. */
export type DurationCounts = {
  /** Milliseconds, growing: at most so long. */
  readonly bounds: readonly number[]
  /** One for each bound, and one for those that took longer than all; none is in two of them. */
  readonly counts: readonly number[]
  readonly sumMs: number
}

type Value = {
  readonly metricName: string
  /** Of all values of one histogram: they are written out once. */
  readonly sharedLabels: Labels
  readonly labels: { readonly le?: string | number }
  readonly value: number
}

/** As Prometheus wants a histogram: seconds, each bucket with all that are below it, a sum and a count. */
export function durationValues(
  name: string,
  durations: Iterable<readonly [DurationCounts, Labels]>,
): Value[] {
  return [...durations].flatMap(([counts, labels]) => valuesOf(name, counts, labels))
}

function valuesOf(
  name: string,
  { bounds, counts, sumMs }: DurationCounts,
  sharedLabels: Labels,
): readonly Value[] {
  let count = 0
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, index) => {
    count += counts[index] ?? 0
    const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : bound / 1000
    return { metricName: `${name}_bucket`, sharedLabels, labels: { le }, value: count }
  })
  const all = { sharedLabels, labels: {} }
  const sum = { metricName: `${name}_sum`, ...all, value: sumMs / 1000 }
  return [...buckets, sum, { metricName: `${name}_count`, ...all, value: count }]
}
