import { askedParts, type Gathered } from './gathered.ts'
import type { Series } from './series.ts'
import type { ThreadVitals } from './thread-watch.ts'

/** How the process does, and each of its threads that serve. */
export const processSeries: readonly Series<Gathered>[] = [
  ofThreads('gauge', 'event_loop_delay_p50_seconds', delayHelp('the median'), (thread) => {
    return thread.delaySeconds.p50
  }),
  ofThreads('gauge', 'event_loop_delay_p99_seconds', delayHelp('the 99th percentile'), (thread) => {
    return thread.delaySeconds.p99
  }),
  ofThreads('gauge', 'event_loop_delay_max_seconds', delayHelp('the longest'), (thread) => {
    return thread.delaySeconds.max
  }),
  ofThreads(
    'counter',
    'event_loop_active_seconds_total',
    'How long a thread had something to do.',
    ({ activeSeconds }) => activeSeconds,
  ),
  ofThreads('gauge', 'heap_used_bytes', 'Heap of a thread that is in use.', (thread) => {
    return thread.heapUsedBytes
  }),
  ofThreads(
    'gauge',
    'heap_size_bytes',
    'Heap of a thread.',
    ({ heapTotalBytes }) => heapTotalBytes,
  ),
  ofThreads('gauge', 'connections', 'Open connections of clients.', (thread) => {
    return thread.connections.open
  }),
  ofThreads(
    'counter',
    'connections_refused_total',
    'Connections that were closed because a client, or all together, had too many.',
    ({ connections }) => connections.refused,
  ),
  {
    type: 'counter',
    name: 'logins_refused_total',
    help: 'Wrong passwords and tokens, and attempts that came too soon after such.',
    read: ({ logins }) => [[logins.refusedCount]],
  },
  {
    type: 'histogram',
    name: 'database_query_duration_seconds',
    help: 'How long queries of the database took, in the thread that serves.',
    read: ({ stores }) => [[stores.queryTimes.describe(), {}]],
  },
  {
    type: 'gauge',
    name: 'scrape_part_success',
    help: 'Whether that part of what is told here could be found out.',
    read: function* (gathered) {
      for (const part of askedParts) yield [Number(gathered[part] !== undefined), { part }]
    },
  },
]

function delayHelp(which: string): string {
  return `For how long a thread's event loop was held up in one turn: ${which} of the last minute or two.`
}

function ofThreads(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  read: (thread: ThreadVitals) => number,
): Series<Gathered> {
  return {
    type,
    name,
    help,
    read: function* ({ threads = [] }) {
      for (const each of threads) yield [read(each), { thread: each.thread }]
    },
  }
}
