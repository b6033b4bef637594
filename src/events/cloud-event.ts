import { formatSource, pushedHere, type Source } from '../oci/source.ts'
import type { Event } from './any-events.ts'
import type { OfRepository } from './event-data.ts'

const typePrefix = 'io.entrepot.'

/** An event as it is told outside (CloudEvents 1.0 §3, JSON format), with as much of its data as is shown. */
export function toCloudEvent(event: Event, data: Event['data'] = event.data): object {
  const subject = subjectOf(event)
  return {
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: `${typePrefix}${event.kind}`,
    time: new Date(event.at).toISOString(),
    ...(subject !== undefined && { subject }),
    datacontenttype: 'application/json',
    data,
  }
}

export function toSource({ upstream = pushedHere, repository }: OfRepository): Source {
  return { upstream, repository }
}

/** What it is about, where that is one thing. */
function subjectOf(event: Event): string | undefined {
  switch (event.kind) {
    case 'pull':
      return event.data.image
    case 'fetch':
      return `${formatSource(toSource(event.data))}@${event.data.digest}`
    case 'push': {
      const { repository, tags, digest } = event.data
      return tags.length === 1 ? `${repository}:${tags[0]}` : `${repository}@${digest}`
    }
    case 'delete':
      return event.data.repository
    case 'upstream-down':
    case 'upstream-up':
      return event.data.upstream
    case 'verification-failed':
      return event.data.what
    default:
      return undefined
  }
}
