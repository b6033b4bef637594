import type { EventSink } from '../events/any-events.ts'
import { mostListed } from '../events/event-data.ts'
import type { Pushed } from '../hosted/pushes.ts'
import type { Removed } from '../hosted/removals.ts'
import type { FetchReport } from '../mirror/fetch-reports.ts'
import type { MirrorNotices } from '../mirror/mirror-parts.ts'
import type { Repository } from '../oci/repository.ts'

/** Tells about what the mirror fetches; the log has a line of each request, and of each failure. */
export function tellOfFetches(events: EventSink): MirrorNotices {
  return {
    onFetch: (report) => events.emit({ kind: 'fetch', data: toData(report) }),
    onOffline: (offline) => events.emit({ kind: 'offline', data: { offline } }),
  }
}

export type HostedNotices = {
  onPushed(repository: Repository, pushed: Pushed): void
  onRemoved(repository: Repository, removed: Removed): void
}

/** Tells about what is pushed, and taken away again by whoever and whatever may. */
export function tellOfPushes(events: EventSink): HostedNotices {
  return {
    onPushed: (repository, { digest, tags }) =>
      events.emit({ kind: 'push', data: { repository, tags, digest } }),
    onRemoved: (repository, removed) => {
      const tags = removed.tags.slice(0, mostListed)
      const digests = removed.digests.slice(0, mostListed)
      events.emit({ kind: 'delete', data: { repository, tags, digests } })
    },
  }
}

function toData({ state, source, digest, sizeBytes, error, ...report }: FetchReport) {
  const { upstream, repository } = source
  return {
    state,
    upstream,
    repository,
    digest,
    received: report.receivedBytes,
    ...(sizeBytes !== undefined && { size: sizeBytes }),
    waiting: report.clients,
    ...(error !== undefined && { error }),
  }
}
