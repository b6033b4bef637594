import type { Repository } from '../oci/repository.ts'
import { formatSource, pushedHere, type Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { LedgerRow } from '../store/ledger-records.ts'
import type { TrafficListener, UnderWay } from '../traffic/any-traffic.ts'
import type { EventSink } from './any-events.ts'
import type { OfRepository, PullData, TransferData } from './event-data.ts'

type Named = { readonly upstream: string; readonly repository: string; readonly tag: string }

/** About a second, by whatever clock. */
const tellEveryMs = 900

/** Makes events of what the ledger counts. */
export class TrafficEvents implements TrafficListener {
  readonly #events: EventSink
  /** Whether anything was under way when it was told of last, and when that was. */
  #isServing = false
  #servingAt = Number.NEGATIVE_INFINITY

  constructor(events: EventSink) {
    this.#events = events
  }

  onTraffic(rows: readonly LedgerRow[]): void {
    // Each thread has counted for itself.
    const folded = new Map<string, PullData>()
    for (const pull of rows.filter(hasPulls).map(toPull)) {
      const key = [pull.image, pull.client, pull.user, pull.outcome].join('\n')
      const known = folded.get(key)
      folded.set(key, known ? addUp(known, pull) : pull)
    }
    for (const data of folded.values()) this.#events.emit({ kind: 'pull', data })
  }

  onUnderWay(underWay: readonly UnderWay[]): void {
    const isServing = underWay.length > 0
    // The empty list too, once: what isn't in it any more has ended.
    if (!isServing && !this.#isServing) return
    // Each thread tells of all, once a second: the next one will, too.
    const at = performance.now()
    if (isServing && at - this.#servingAt < tellEveryMs) return
    this.#isServing = isServing
    this.#servingAt = at
    this.#events.emit({ kind: 'serving', data: { transfers: underWay.map(toTransfer) } })
  }
}

function hasPulls({ counters }: LedgerRow): boolean {
  return (counters.pulls ?? 0) > 0
}

function addUp(one: PullData, other: PullData): PullData {
  return { ...one, pulls: one.pulls + other.pulls, bytes: one.bytes + other.bytes }
}

function toPull(row: LedgerRow): PullData {
  const { client, user, outcome, counters } = row
  const image = nameOf(row)
  const { pulls = 0, servedBytes: bytes = 0 } = counters
  return { image, ...ofRepository(row), client, user, outcome, pulls, bytes }
}

function toTransfer(transfer: UnderWay): TransferData {
  const { id, client, user, digest, cache, sizeBytes } = transfer
  return {
    id,
    image: nameOf(transfer),
    ...ofRepository(transfer),
    digest,
    client,
    user,
    cache,
    startedAt: new Date(transfer.startedAt).toISOString(),
    bytes: transfer.writtenBytes,
    ...(sizeBytes !== undefined && { size: sizeBytes }),
  }
}

function nameOf(named: Named): string {
  const name = formatSource(toSource(named))
  return named.tag === '' ? name : `${name}:${named.tag}`
}

function ofRepository(named: Named): OfRepository {
  const { upstream, repository } = toSource(named)
  return upstream === pushedHere ? { repository } : { upstream, repository }
}

/** The ledger has them as texts, which they were made of. */
function toSource({ upstream, repository }: Named): Source {
  return { upstream: upstream as UpstreamName, repository: repository as Repository }
}
