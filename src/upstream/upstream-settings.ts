import type { UpstreamName } from '../oci/upstream-name.ts'
import type { Budget } from './budget.ts'
import type { BufferRoom } from './buffer-room.ts'
import type { Credentials } from './credentials.ts'
import type { FetchMeter } from './fetch-meter.ts'
import type { Outage } from './outage.ts'
import type { WrongContentError } from './upstream-error.ts'

export type UpstreamSettings = {
  readonly urls: readonly string[]
  readonly username: string | undefined
  readonly password: string | undefined
  /** How long "not found" is remembered. */
  readonly missTtlMs: number
  /** Blobs at once; as many connections to one host for them, and as many for everything else. */
  readonly maxConnections: number
  /** Of all blobs together; manifests aren't counted and never wait. */
  readonly bandwidthBytesPerSecond: number | undefined
  readonly connectTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly caPem: string | undefined
  readonly allowHosts: readonly string[]
  /** Whether a person named these URLs; only then may they be private addresses. */
  readonly isConfigured: boolean
}

/** What an upstream needs of the world around it. */
export type Surroundings = {
  readonly elapsedMs: () => number
  /** Whether no upstream may be asked. */
  readonly isOffline: () => boolean
  readonly meter: FetchMeter
  /** Hears when a URL has stopped answering or wants to be left alone, and when that is over. */
  readonly onOutage: OutageListener
  readonly onOutageEnd: OutageListener
  /** Hears when what came isn't what its digest says. */
  readonly onWrongContent?: (error: WrongContentError) => void
  /** Hears each time what an upstream says of its limit on pulls, and for whom; it never throws. */
  readonly onBudget: BudgetListener
}

/** What the upstreams of a process have in common besides. */
export type Shared = {
  /** Memory for what is fetched ahead. */
  readonly room: BufferRoom
}

type OutageListener = (upstream: UpstreamName, url: URL, outage: Outage) => void
type BudgetListener = (upstream: UpstreamName, account: string, budget: Budget) => void

/** Where neither upstream says whom it counts pulls for, nor there is a login. */
const ownAddress = 'this address'

/** Undefined where there is no login, or half of one. */
export function credentialsOf({ username, password }: UpstreamSettings): Credentials | undefined {
  return username === undefined || password === undefined ? undefined : { username, password }
}

/** The hosts that a person named. */
export function ownHostsOf({ urls, isConfigured }: UpstreamSettings): ReadonlySet<string> {
  return new Set(isConfigured ? urls.map((url) => new URL(url).hostname) : [])
}

/** Whom a limit on pulls holds for. */
export function accountOf({ source }: Budget, settings: UpstreamSettings): string {
  return source?.trim() || credentialsOf(settings)?.username || ownAddress
}
