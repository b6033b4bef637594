import type { PinList, SpaceState } from '../space/any-space.ts'

/** `GET /api/v1/space`. */
export type SpaceAnswer = SpaceState & {
  /** What the kept bytes are; each byte is in one of them, and together they are all that is kept. */
  readonly parts: SpaceParts
}

export type SpaceParts = {
  /** Pushed here: never evicted. */
  readonly hostedBytes: number
  /** Mirrored, and pinned. */
  readonly pinnedBytes: number
  /** Mirrored, and may be evicted. */
  readonly mirroredBytes: number
  /** Nobody needs it any more; the next collection takes it. */
  readonly reclaimableBytes: number
}

/** `GET /api/v1/pins`. */
export type PinsAnswer = PinList

/** `GET /api/v1/evictions?limit=&after=`: the newest first, of what the asker may pull. */
export type EvictionsAnswer = {
  readonly evictions: readonly EvictionAnswer[]
  /** Where the list goes on, as `after`, if it does. */
  readonly next?: string | undefined
}

export type EvictionAnswer = {
  /** ISO 8601, as all times. */
  readonly at: string
  readonly name: string
  readonly digest: string
  /** That it had then. */
  readonly tags: readonly string[]
  /** In words. */
  readonly reason: string
  readonly freedBytes: number
  readonly firstFetch: string
  readonly lastPull: string
}

/** `GET /api/v1/next-evictions?limit=&offset=`: what would go next, the first of it first, of what the asker may pull. */
export type NextEvictionsAnswer = {
  readonly images: readonly NextEviction[]
  readonly hasMore: boolean
}

export type NextEviction = {
  readonly name: string
  readonly digest: string
  readonly tags: readonly string[]
  readonly lastPull: string
  /** Once those before it have gone. */
  readonly freedBytes: number
}

/** `GET /api/v1/space/history?days=30`, in the order of time. */
export type SpaceHistoryAnswer = {
  readonly stepSeconds: number
  readonly samples: readonly SpaceSampleAnswer[]
  /** What went in each step; none of it where the asker may not pull all that is kept. */
  readonly evictions: readonly {
    readonly at: string
    readonly images: number
    readonly freedBytes: number
  }[]
}

export type SpaceSampleAnswer = SpaceParts & {
  readonly at: string
  /** Of the disk. */
  readonly totalBytes: number
  readonly usedBytes: number
}

/** `POST /api/v1/evict`. */
export type EvictAnswer = {
  readonly images: readonly NextEviction[]
  /** How many in all: not all of them are listed. */
  readonly count: number
  readonly orphans: number
  readonly freedBytes: number
  /** Of what was freed, what stays on the disk, since others have the same files. */
  readonly sharedBytes: number
  readonly wantedBytes: number
  readonly isEnough: boolean
}
