import type { Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { Digest } from '../oci/digest.ts'
import type { Stores } from '../store/open-stores.ts'
import { tolerantStores } from '../store/tolerant-stores.ts'
import type { Surroundings } from '../upstream/upstream-settings.ts'
import { BlobAccess } from './blob-access.ts'
import { BlobFetches } from './blob-fetches.ts'
import { Blobs } from './blobs.ts'
import { type FetchReport, FetchReports } from './fetch-reports.ts'
import type { Leases } from './leases.ts'
import { Listings } from './listings.ts'
import { ManifestKeeper } from './manifest-keeper.ts'
import { Manifests } from './manifests.ts'
import { OfflineSwitch } from './offline-switch.ts'
import { Prefetch } from './prefetch.ts'
import { Sources } from './sources.ts'
import { Tags } from './tags.ts'
import { Warming } from './warming.ts'

export type MirrorSettings = {
  readonly stores: Stores
  readonly config: Config
  readonly clock: Clock
  /** Hears of failures that no client waits for. */
  readonly onError: (error: unknown, what: string) => void
  readonly leases: Leases
  /** Hears how upstreams do. */
  readonly outages: Pick<Surroundings, 'onOutage' | 'onOutageEnd' | 'onWrongContent' | 'onBudget'>
  readonly meter: Surroundings['meter']
  readonly notices?: MirrorNotices
}

/** What there is to know of, and nothing to do about. They must not throw. */
export type MirrorNotices = {
  onFetch(report: FetchReport): void
  /** It has changed whether any upstream may be asked. */
  onOffline(isOffline: boolean): void
}

export type MirrorParts = {
  /** Tolerant ones: no pull fails for the disk's sake. */
  readonly stores: Stores
  readonly offline: OfflineSwitch
  readonly sources: Sources
  readonly leases: Leases
  readonly fetches: BlobFetches
  readonly access: BlobAccess
  readonly keeper: ManifestKeeper
  readonly manifests: Manifests
  readonly tags: Tags
  readonly listings: Listings
  readonly blobs: Blobs
  readonly prefetch: Prefetch
  readonly warming: Warming
}

/** What the mirror consists of, put together. `signal` is aborted when the server stops. */
export async function openParts(
  settings: MirrorSettings,
  signal: AbortSignal,
): Promise<MirrorParts> {
  const { config, clock, leases, onError, outages, meter, notices } = settings
  const { now, elapsedMs } = clock
  const stores = tolerantStores(settings.stores)
  const onOffline = (isOffline: boolean) => notices?.onOffline(isOffline)
  const offline = await OfflineSwitch.open(stores.metadata, config.offline, onOffline)
  const isOffline = () => offline.isOffline
  const sources = new Sources(config, { elapsedMs, isOffline, meter, ...outages })
  const access = new BlobAccess(stores.metadata, sources)
  const reports = new FetchReports((report) => notices?.onFetch(report))
  const { onWrongContent } = outages
  const fetches = new BlobFetches({ stores, now, signal, reports, onError, onWrongContent })
  // It may have been taken for a blob until then.
  const onKept = (digest: Digest) => {
    access.forget(digest)
    leases.revoke(digest)
  }
  const keeper = new ManifestKeeper({ stores, now, sources, onKept })
  const common = { stores, sources, leases, access, fetches, keeper, now, signal, onError }
  const manifests = new Manifests(common)
  const tags = new Tags({ ...common, manifests })
  const listings = new Listings(common)
  const blobs = new Blobs(common)
  const prefetch = new Prefetch(common)
  const warming = new Warming({ ...common, manifests, offline })
  const deciding = { sources, leases, access, keeper }
  const pulling = { fetches, manifests, tags, listings, blobs, prefetch, warming }
  return { stores, offline, ...deciding, ...pulling }
}
