import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import type { Event } from '../events/any-events.ts'
import { toCloudEvent, toSource } from '../events/cloud-event.ts'
import type { EventKind, OfRepository, Puller } from '../events/event-data.ts'
import { ownSource } from '../oci/source.ts'

/** About its disk and its configuration. */
const ofServer: ReadonlySet<EventKind> = new Set([
  'disk-high',
  'disk-ok',
  'verification-failed',
  'configuration-refused',
  'configuration-taken-up',
])

/** Who looks at events. */
export type Viewer = {
  readonly caller: Caller
  readonly access: Access
  /** Whether anybody can log in: where nobody can, everybody sees what is for those who have. */
  readonly canLogIn: boolean
}

/**
 * An event as the viewer may see it, in the form in which it is told; undefined where that is nothing. What is
 * about an image is for who may pull it, who pulled it for who has logged in, and what is about the server's
 * disk and configuration for who administers it.
 */
export function showEvent(event: Event, viewer: Viewer): object | undefined {
  switch (event.kind) {
    case 'pull':
      return mayPull(viewer, event.data)
        ? toCloudEvent(event, showPuller(event.data, viewer))
        : undefined
    case 'serving': {
      const seen = event.data.transfers.filter((transfer) => mayPull(viewer, transfer))
      const transfers = seen.map((transfer) => showPuller(transfer, viewer))
      return toCloudEvent(event, { transfers })
    }
    case 'fetch':
      return mayPull(viewer, event.data) ? toCloudEvent(event) : undefined
    case 'push':
    case 'delete': {
      const { caller, access } = viewer
      const isVisible = access.may(caller, 'pull', ownSource(event.data.repository))
      return isVisible ? toCloudEvent(event) : undefined
    }
    case 'evict':
      return showEviction(event, viewer)
    case 'disk-high':
    case 'disk-ok':
    case 'verification-failed':
    case 'configuration-refused':
    case 'configuration-taken-up':
    case 'upstream-down':
    case 'upstream-up':
    case 'offline':
    case 'missed':
      return mayHearOf(event.kind, viewer) ? toCloudEvent(event) : undefined
  }
}

/** Of what is about no image. How upstreams do is told to everybody who may read anything. */
export function mayHearOf(kind: EventKind, viewer: Viewer): boolean {
  return !ofServer.has(kind) || isOperating(viewer)
}

/** Of all images and how much they were only who may see all of them learns. */
function showEviction(
  event: Extract<Event, { kind: 'evict' }>,
  viewer: Viewer,
): object | undefined {
  if (isOperating(viewer)) return toCloudEvent(event)
  const images = event.data.images.filter((image) => mayPull(viewer, image))
  if (images.length === 0) return undefined
  return toCloudEvent(event, { reason: event.data.reason, images })
}

function showPuller<Data extends Puller>(data: Data, { caller, canLogIn }: Viewer) {
  if (caller.kind !== 'anonymous' || !canLogIn) return data
  const { client: _client, user: _user, ...others } = data
  return others
}

function mayPull({ caller, access }: Viewer, of: OfRepository): boolean {
  return access.may(caller, 'pull', toSource(of))
}

function isOperating({ caller, access, canLogIn }: Viewer): boolean {
  return !canLogIn || access.decideEverything(caller, 'admin').isAllowed
}
