/** How full the disk was, over time. All times are milliseconds since 1970, given by the caller. */
export interface SpaceHistoryRecords {
  /** Takes the place of one of the same time; those of later times go, since the clock was set back. */
  recordSpace(sample: SpaceSample): Promise<void>
  /** The last of each step of time, in the order of time. */
  listSpace(query: SpaceHistoryQuery): Promise<readonly SpaceSample[]>
  /** Removes what is too old; gives how many. */
  trimSpace(bounds: SpaceHistoryBounds): Promise<number>
}

export type SpaceSample = {
  readonly at: number
  /** Of the disk. */
  readonly totalBytes: number
  readonly usedBytes: number
  readonly hostedBytes: number
  readonly pinnedBytes: number
  readonly mirroredBytes: number
  readonly reclaimableBytes: number
}

export type SpaceHistoryQuery = { readonly since: number; readonly stepMs: number }

export type SpaceHistoryBounds = {
  /** Of earlier ones only those of a full hour stay. */
  readonly hourlyBefore: number
  /** Earlier ones go. */
  readonly before: number
}
