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
