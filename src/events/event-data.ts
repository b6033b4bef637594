import type { Digest } from '../oci/digest.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'

/** A repository, as events have it: what was pushed here is of no upstream. */
export type OfRepository = {
  readonly upstream?: UpstreamName
  readonly repository: Repository
}

/** Who asked; empty where it isn't known, and for anonymous. Not everybody is shown it. */
export type Puller = { readonly client: string; readonly user: string }

/** Images that one client pulled within about a second, of one repository and tag. */
export type PullData = OfRepository &
  Puller & {
    /** `docker.io/library/node:20`. */
    readonly image: string
    readonly outcome: string
    readonly pulls: number
    /** That were written to it meanwhile, of manifests and layers. */
    readonly bytes: number
  }

export type TransferData = OfRepository &
  Puller & {
    /** The same as long as it lasts. */
    readonly id: string
    readonly image: string
    readonly digest: string
    readonly cache: string
    readonly startedAt: string
    readonly bytes: number
    /** Unless it isn't known. */
    readonly size?: number
  }

/** What an upstream sends of one blob. */
export type FetchData = OfRepository & {
  readonly state: 'begun' | 'progress' | 'ended' | 'failed'
  readonly digest: Digest
  readonly received: number
  /** Unless it isn't known yet. */
  readonly size?: number
  /** How many clients read along. */
  readonly waiting: number
  /** Why it failed. */
  readonly error?: string
}

/** The first ones of them. */
export type EvictedImageData = OfRepository & {
  readonly digest: Digest
  /** The first ones of them. */
  readonly tags: readonly string[]
  readonly freed: number
}

export type DiskData = { readonly total: number; readonly used: number; readonly free: number }

/** What is told of each kind; times are ISO 8601, sizes are bytes. */
export type EventData = {
  pull: PullData
  /** All that is being written to clients now, at most a hundred; none at the end. */
  serving: { readonly transfers: readonly TransferData[] }
  fetch: FetchData
  evict: {
    readonly reason: string
    readonly images: readonly EvictedImageData[]
    /** In all. */
    readonly count: number
    readonly freed: number
  }
  push: {
    readonly repository: Repository
    readonly tags: readonly string[]
    readonly digest: Digest
  }
  delete: {
    readonly repository: Repository
    /** The first ones of them, and of the digests. */
    readonly tags: readonly string[]
    readonly digests: readonly Digest[]
  }
  'upstream-down': {
    readonly upstream: UpstreamName
    readonly url: string
    readonly reason: string
    /** Where upstream said so itself: for so many seconds it isn't asked. */
    readonly seconds?: number
  }
  'upstream-up': { readonly upstream: UpstreamName; readonly url: string }
  'disk-high': DiskData & { readonly reason: string }
  'disk-ok': DiskData
  'verification-failed': {
    /** The digest of what is damaged, or the name of a file that is none. */
    readonly what: string
    readonly finding: string
    readonly outcome: string
    /** Whether nothing is left to do. */
    readonly healed: boolean
    /** The first ones of those that need it. */
    readonly images: readonly string[]
  }
  offline: { readonly offline: boolean }
  /** Where it is wrong, and not what stands there. */
  'configuration-refused': { readonly file: string; readonly problems: readonly string[] }
  'configuration-taken-up': {
    readonly file: string
    /** Which keys only a restart takes up. */
    readonly waiting: readonly string[]
  }
  /** Events are missing here: more than are remembered. */
  missed: Record<never, never>
}

export type EventKind = keyof EventData

/** That can be asked for. */
export const eventKinds = [
  'pull',
  'serving',
  'fetch',
  'evict',
  'push',
  'delete',
  'upstream-down',
  'upstream-up',
  'disk-high',
  'disk-ok',
  'verification-failed',
  'offline',
  'configuration-refused',
  'configuration-taken-up',
] as const satisfies readonly EventKind[]

/** Of a list in an event: the others are counted, or like them. */
export const mostListed = 100
