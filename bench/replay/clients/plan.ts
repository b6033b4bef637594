/** One image that one client asks for, as far as that client needs it. */
export interface PlannedPull {
  /** Since the start of the plan. */
  readonly atMs: number
  readonly client: number
  /** With the upstream in front: `docker.io/library/alpine`. */
  readonly name: string
  readonly tag: string
  /** check: only a HEAD of the tag. manifests: no blobs either, since the client holds them all. */
  readonly depth: 'check' | 'manifests' | 'image'
  /** Which layers, counted from the base; without it all that this client hasn't pulled before. */
  readonly layers?: readonly number[]
}

/** A client that begins first, and takes one image's first layer at a trickle. */
export interface SlowReader {
  readonly name: string
  readonly tag: string
  readonly bytesPerSecond: number
}

export interface Plan {
  /** Without a slash at the end. */
  readonly serverUrl: string
  readonly connectionsPerClient: number
  /** timed: each pull at its time, whatever the others do. serial: a client's next after its last. */
  readonly order: 'timed' | 'serial'
  /** Sorted by time. */
  readonly pulls: readonly PlannedPull[]
  /** Of the `/v2/` that clients ask before a pull, in the mean. */
  readonly pingsPerPull: number
  readonly slowReaders: readonly SlowReader[]
  /** From when on a phase of its own is recorded. Pulls and requests count where they begin. */
  readonly secondPhaseAtMs?: number
}
