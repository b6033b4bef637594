import type { UpstreamState, UrlState } from '../upstream/upstream-state.ts'
import type { Gathered } from './gathered.ts'
import type { Sample, Series } from './series.ts'

const states = ['up', 'down', 'limited'] as const satisfies readonly UrlState['state'][]

/** How the upstreams do. */
export const upstreamSeries: readonly Series<Gathered>[] = [
  {
    type: 'gauge',
    name: 'upstream_url_state',
    help: 'Whether a URL of an upstream answers (up), is tried in the background (down), or wants not to be asked for a while (limited): 1 for what it is.',
    read: function* (gathered) {
      for (const [labels, { state }] of urlsOf(gathered))
        for (const each of states) yield [Number(state === each), { ...labels, state: each }]
    },
  },
  {
    type: 'gauge',
    name: 'upstream_outage_seconds',
    help: "For how long a URL of an upstream hasn't been asked; 0 while it is.",
    read: function* (gathered) {
      for (const [labels, { forSeconds = 0 }] of urlsOf(gathered)) yield [forSeconds, labels]
    },
  },
  ofBudget('limit', "How many pulls upstream's limit allows in its window.", ({ limit }) => limit),
  ofBudget('remaining', 'How many are left.', ({ remaining }) => remaining),
  ofBudget(
    'window_seconds',
    'For how long the limit counts.',
    ({ windowSeconds }) => windowSeconds,
  ),
  ofBlobs('in_progress', 'Blobs that are being fetched.', ({ underWay }) => underWay),
  ofBlobs('waiting', 'Blobs that wait for their turn to be fetched.', ({ waiting }) => waiting),
  {
    type: 'counter',
    name: 'upstream_wrong_content_total',
    help: "How often upstream sent something else than its digest says; it wasn't kept.",
    read: function* ({ counted }) {
      for (const [upstream, count] of counted.wrong) yield [count, { upstream }]
    },
  },
  {
    type: 'gauge',
    name: 'offline',
    help: 'Whether no upstream is asked for anything.',
    read: ({ mirror }) => [[Number(mirror.isOffline)]],
  },
  {
    type: 'gauge',
    name: 'blob_fetches_in_progress',
    help: 'Blobs that are on their way into the store, waiting ones too.',
    read: ({ mirror }) => [[mirror.describeFetches().underWay]],
  },
  {
    type: 'gauge',
    name: 'blob_fetch_followers',
    help: 'Clients that are given a blob while it arrives.',
    read: ({ mirror }) => [[mirror.describeFetches().followers]],
  },
  {
    type: 'gauge',
    name: 'blob_fetch_partial_bytes',
    help: 'How much has arrived of the blobs that are on their way.',
    read: ({ mirror }) => [[mirror.describeFetches().writtenBytes]],
  },
]

/** Of those that mirrors.yaml names: of others there may be very many. */
function* urlsOf({ upstreams = [], counted }: Gathered) {
  for (const { name, urls } of upstreams) {
    if (!counted.labels.named.has(name)) continue
    for (const url of urls) yield [{ upstream: name as string, url: url.url }, url] as const
  }
}

/** What was said longer ago than its window says nothing any more. */
function ofBudget(
  what: string,
  help: string,
  read: (budget: NonNullable<UrlState['budget']>) => number,
): Series<Gathered> {
  return {
    type: 'gauge',
    name: `upstream_budget_${what}`,
    help,
    read: function* (gathered) {
      for (const [labels, { budget }] of urlsOf(gathered))
        if (budget && budget.ageSeconds <= budget.windowSeconds) yield [read(budget), labels]
    },
  }
}

function ofBlobs(
  what: string,
  help: string,
  read: (blobs: UpstreamState['blobs']) => number,
): Series<Gathered> {
  return {
    type: 'gauge',
    name: `upstream_blobs_${what}`,
    help,
    read: ({ upstreams = [], counted }) => {
      const sums = new Map<string, number>()
      for (const { name, blobs } of upstreams) {
        const label = counted.labels.labelOf(name)
        sums.set(label, (sums.get(label) ?? 0) + read(blobs))
      }
      return [...sums].map(([upstream, sum]): Sample => [sum, { upstream }])
    },
  }
}
