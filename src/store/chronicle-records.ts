/**
 * How upstreams did over time: counts in slots of some minutes and of an hour, and what went wrong last. All times
 * are milliseconds since 1970, given by the caller.
 */
export interface ChronicleRecords {
  /** All of it or nothing. Counts are added to what their slots have. */
  addChronicle(batch: ChronicleBatch): Promise<void>
  /** By URL and time. Not in this thread, which serves: a month of many upstreams takes some tenths of a second. */
  sumSlots(query: SlotQuery): Promise<readonly Slot[]>
  /** Of one upstream, the latest first. */
  listTroubles(upstream: string): Promise<readonly Trouble[]>
  /** Of each of these upstreams, how many tags are known, and how many of them are due. Not in this thread either. */
  countTags(dueBefore: readonly TagBound[]): Promise<readonly TagCount[]>
  /** Removes what is older than is kept, some at a time with pauses between; gives how many rows. */
  trimChronicle(bounds: ChronicleBounds): Promise<number>
}

export type ChronicleBatch = {
  /** Of the shorter kind. */
  readonly slots: readonly Slot[]
  /** In the order in which they happened. */
  readonly troubles: readonly Trouble[]
}

/** How long each kind of slot is. */
export const slotLengthsMs = { short: 5 * 60_000, long: 60 * 60_000 } as const
export type SlotLength = keyof typeof slotLengthsMs

/** How long it took until an answer began: so many milliseconds at most. */
export const firstByteBounds = [
  5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
] as const

export const slotCounterNames = [
  'requests',
  /** What came to nothing, by the reason; the first three say that upstream couldn't. */
  'limited',
  'unavailable',
  'invalid',
  'denied',
  /** Of bodies. */
  'bytes',
  /** For so long it wasn't asked: it didn't answer, or wanted to be left alone. */
  'downMs',
  'limitedMs',
  /** Answers by how long their first byte took: see firstByteBounds; the last is of those that took longer. */
  ...([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const).map((index) => `took${index}` as const),
] as const
export type SlotCounter = (typeof slotCounterNames)[number]

export type Slot = {
  readonly upstream: string
  /** One of its origins. */
  readonly url: string
  /** When it began. */
  readonly at: number
  /** When it answered last; 0 where it didn't. */
  readonly answeredAt: number
  readonly counts: Readonly<Record<SlotCounter, number>>
}

export type SlotQuery = {
  /** Slots that began then or later. */
  readonly since: number
  readonly length: SlotLength
  /** So many of them make one. */
  readonly perCell: number
  /** Only of this one. */
  readonly upstream?: string | undefined
}

export const troubleKinds = [
  'limited',
  'unavailable',
  'invalid',
  'denied',
  /** It isn't asked any more, and it is asked again. */
  'down',
  'up',
] as const
export type TroubleKind = (typeof troubleKinds)[number]

/** The same several times in a row is one, of so many times. */
export type Trouble = {
  readonly upstream: string
  /** Empty where it isn't known which. */
  readonly url: string
  readonly kind: TroubleKind
  /** Of what was asked for; empty where it was nothing in particular. */
  readonly repository: string
  readonly message: string
  readonly firstAt: number
  readonly lastAt: number
  readonly times: number
}

export const mostTroublesEach = 100

export type TagBound = { readonly upstream: string; readonly checkedBefore: number }
export type TagCount = { readonly upstream: string; readonly kept: number; readonly due: number }

export type ChronicleBounds = {
  /** Slots that began earlier go. */
  readonly shortBefore: number
  readonly longBefore: number
  /** And troubles that were last seen earlier. */
  readonly troublesBefore: number
  /** So many slots stay at most. */
  readonly most: number
}
