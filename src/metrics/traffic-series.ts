import { type CounterName, type Counters, durationBounds } from '../store/ledger-records.ts'
import type { DurationCounts } from './duration-values.ts'
import type { Gathered } from './gathered.ts'
import type { Sample, Series } from './series.ts'

const kinds = [
  ['tag', 'tagRequests'],
  ['digest', 'digestRequests'],
  ['blob', 'blobRequests'],
  ['list', 'listRequests'],
] as const satisfies readonly (readonly [kind: string, counter: CounterName])[]

const durations = [
  'took0',
  'took1',
  'took2',
  'took3',
  'took4',
  'took5',
  'took6',
  'took7',
] as const satisfies readonly CounterName[]

/** What clients asked for and got, and what that cost upstream. */
export const trafficSeries: readonly Series<Gathered>[] = [
  {
    type: 'counter',
    name: 'requests_total',
    help: 'Requests of clients for manifests, blobs and lists, by how they ended.',
    read: function* ({ counted }) {
      for (const { upstream, outcome, counters } of counted.traffic.list())
        for (const [kind, counter] of kinds) yield [counters[counter], { upstream, outcome, kind }]
    },
  },
  {
    type: 'histogram',
    name: 'request_duration_seconds',
    help: 'How long answers took, from the head of the request to their last byte.',
    read: function* ({ counted }) {
      for (const { upstream, outcome, counters } of counted.traffic.list()) {
        const found = toDurations(counters)
        if (found.counts.some((count) => count > 0)) yield [found, { upstream, outcome }]
      }
    },
  },
  ofAnswers('pulls_total', 'Images that were pulled, as Docker Hub counts.', 'pulls'),
  ofAnswers('served_bytes_total', 'Bytes of bodies that were written to clients.', 'servedBytes'),
  ofAnswers('blob_write_seconds_total', 'How long blobs took to write to clients.', 'blobMs', 1000),
  ofAnswers('broken_answers_total', 'Answers that ended before they were whole.', 'broken'),
  ofFetches('upstream_requests_total', 'Requests to upstream.', 'fetches'),
  ofFetches('upstream_pulls_total', 'Requests that upstream counts as pulls.', 'upstreamPulls'),
  ofFetches('fetched_bytes_total', 'Bytes of bodies that came from upstream.', 'fetchedBytes'),
  ofFetches(
    'fetch_seconds_total',
    'How long they took to come, of all connections together.',
    'fetchMs',
    1000,
  ),
]

function toDurations(counters: Counters): DurationCounts {
  const counts = durations.map((name) => counters[name])
  return { bounds: durationBounds, counts, sumMs: counters.tookMs }
}

function ofAnswers(
  name: string,
  help: string,
  counter: CounterName,
  divisor = 1,
): Series<Gathered> {
  const read = function* ({ counted }: Gathered): Generator<Sample> {
    for (const { upstream, outcome, counters } of counted.traffic.list())
      yield [counters[counter] / divisor, { upstream, outcome }]
  }
  return { type: 'counter', name, help, read }
}

/** Of all outcomes together: that of a fetch is `miss` as a rule. */
function ofFetches(
  name: string,
  help: string,
  counter: CounterName,
  divisor = 1,
): Series<Gathered> {
  const read = function* ({ counted }: Gathered): Generator<Sample> {
    const sums = new Map<string, number>()
    for (const { upstream, counters } of counted.traffic.list())
      sums.set(upstream, (sums.get(upstream) ?? 0) + counters[counter])
    for (const [upstream, sum] of sums) yield [sum / divisor, { upstream }]
  }
  return { type: 'counter', name, help, read }
}
