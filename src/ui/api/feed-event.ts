import type { EventData, EventKind } from '../../events/event-data.ts'

/** What happened, as the server tells it (CloudEvents 1.0). */
export type FeedEvent = {
  [Kind in EventKind]: {
    readonly kind: Kind
    readonly id: string
    /** ISO 8601. */
    readonly time: string
    readonly data: Shown<EventData[Kind]>
  }
}[EventKind]

/** Not everybody is shown who pulls. */
type Shown<Data> = Data extends { readonly client: string }
  ? Omit<Data, 'client' | 'user'> & { readonly client?: string; readonly user?: string }
  : Data
