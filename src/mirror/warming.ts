import type { Digest } from '../oci/digest.ts'
import { readImageLayers } from '../oci/image-layers.ts'
import type { Reference } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { BlobAccess } from './blob-access.ts'
import type { BlobFetches } from './blob-fetches.ts'
import { ImagePrefetch } from './image-prefetch.ts'
import type { KeptManifest, ManifestKeeper } from './manifest-keeper.ts'
import type { Manifests } from './manifests.ts'
import type { OfflineSwitch } from './offline-switch.ts'
import type { Sources } from './sources.ts'
import { planWarming, type WarmingPlan } from './warming-plan.ts'

type Settings = {
  readonly stores: Stores
  readonly keeper: ManifestKeeper
  readonly access: BlobAccess
  readonly fetches: BlobFetches
  readonly sources: Sources
  readonly manifests: Manifests
  readonly offline: OfflineSwitch
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
  readonly onError: (error: unknown, what: string) => void
}

export type WantedWarming = {
  readonly reference: Reference
  /** Of an index: `linux/arm64`, or the digest of what it lists; undefined stands for all. */
  readonly platform: string | undefined
  readonly isDryRun: boolean
}

/** What is fetched, or would be. */
export type Warmed = {
  readonly name: string
  /** Undefined where nothing is known of it yet. */
  readonly digest: Digest | undefined
  /** The first of those that are missing. */
  readonly blobs: readonly { readonly digest: Digest; readonly size: number }[]
  readonly count: number
  readonly bytes: number
  /** How many manifests come first, and say then what else is missing. */
  readonly unknown: number
  readonly isUnderWay: boolean
}

/** What waits beyond them is refused. */
const mostWaiting = 50
const mostTold = 1000

/**
 * Fetches whole images for nobody who waits: one after another, each with a few layers at once, and every
 * layer in a slot that clients don't need. The one place that does so; it ends with the server.
 */
export class Warming {
  readonly #settings: Settings
  /** Under way and waiting, by image and platform. */
  readonly #wanted = new Set<string>()
  #last: Promise<void> = Promise.resolve()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** What is missing of an image; `digest` is undefined where nothing is known of it. Throws as `begin` does. */
  async plan(
    source: Source,
    digest: Digest | undefined,
    platform: string | undefined,
  ): Promise<Warmed> {
    const name = formatSource(source)
    const nothing = { name, digest, blobs: [], count: 0, bytes: 0, unknown: 1, isUnderWay: false }
    const wanted = digest && { digest, platform }
    const plan = wanted && (await this.#plan(source, wanted))
    if (!plan || isIncomplete(plan)) this.requirePossible(source)
    return wanted && plan ? this.#tell(source, wanted, plan) : nothing
  }

  /**
   * Begins with what is missing of an image whose manifest is kept, and says what that is. Throws RegistryError
   * UNAVAILABLE where nothing can be fetched or kept now, TOOMANYREQUESTS where too many wait.
   */
  async begin(source: Source, digest: Digest, platform: string | undefined): Promise<Warmed> {
    const wanted = { digest, platform }
    const plan = await this.#plan(source, wanted)
    const key = toKey(source, wanted)
    if (isIncomplete(plan) && !this.#wanted.has(key)) this.#queue(source, wanted)
    return this.#tell(source, wanted, plan)
  }

  /** Throws RegistryError UNAVAILABLE where nothing of the source can be fetched, or kept, now. */
  requirePossible(source: Source): void {
    const { offline, stores, sources } = this.#settings
    if (offline.isOffline) {
      const what =
        'no upstream is asked while offline is on: offline: in mirrors.yaml, or POST /api/v1/offline, lets them be asked again'
      throw new RegistryError('UNAVAILABLE', what)
    }
    const { fault } = stores.health
    if (fault !== undefined)
      throw new RegistryError('UNAVAILABLE', `nothing can be kept now: ${fault}`)
    const { outage } = sources.upstreamOf(source)
    if (!outage) return
    const what = `${outage.message}: try again once the upstream can be reached`
    throw new RegistryError('UNAVAILABLE', what, { cause: outage })
  }

  /** Resolves when nothing is under way any more. */
  settled(): Promise<void> {
    return this.#last
  }

  #plan(source: Source, wanted: { digest: Digest; platform: string | undefined }) {
    return planWarming(this.#settings, source, wanted)
  }

  #tell(
    source: Source,
    wanted: { digest: Digest; platform: string | undefined },
    { missing, unknown }: WarmingPlan,
  ): Warmed {
    return {
      name: formatSource(source),
      digest: wanted.digest,
      blobs: missing.slice(0, mostTold).map(({ digest, sizeBytes: size }) => ({ digest, size })),
      count: missing.length,
      bytes: missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      unknown: unknown.length,
      isUnderWay: this.#wanted.has(toKey(source, wanted)),
    }
  }

  #queue(source: Source, wanted: { digest: Digest; platform: string | undefined }): void {
    this.requirePossible(source)
    if (this.#wanted.size >= mostWaiting) {
      const what = `${mostWaiting} images are being fetched or wait for it: ask again once some are here`
      throw new RegistryError('TOOMANYREQUESTS', what)
    }
    const key = toKey(source, wanted)
    this.#wanted.add(key)
    this.#last = this.#last.then(async () => {
      try {
        await this.#run(source, wanted)
      } catch (error) {
        this.#settings.onError(error, `fetching ${key} ahead ended early`)
      } finally {
        this.#wanted.delete(key)
      }
    })
  }

  async #run(
    source: Source,
    wanted: { digest: Digest; platform: string | undefined },
  ): Promise<void> {
    const { manifests, signal } = this.#settings
    if (signal.aborted) return
    let plan = await this.#plan(source, wanted)
    // An index in an index is known only once that one has come.
    for (let depth = 0; depth < 3 && plan.unknown.length > 0; depth++) {
      for (const digest of plan.unknown) {
        if (signal.aborted) return
        await manifests.pull(source, digest, 'GET')
      }
      plan = await this.#plan(source, wanted)
    }
    for (const image of plan.images) await this.#fetch(source, image)
  }

  async #fetch(source: Source, { digest, bytes, mediaType }: KeptManifest): Promise<void> {
    const { signal } = this.#settings
    const parts = readImageLayers(bytes, mediaType)
    if (!parts || signal.aborted) return
    const { config, layers } = parts
    await new ImagePrefetch({
      ...this.#settings,
      image: { source, digest, config, layers: new Set(layers) },
      layers: [config, ...layers],
      findUpstream: () => this.#findUpstream(source),
      // Whoever looks on hears of it as of every fetch that fails.
      onFailed: () => {},
    }).run()
  }

  #findUpstream(source: Source): Upstream | undefined {
    const { stores, sources, offline, signal } = this.#settings
    const isPossible = !signal.aborted && !offline.isOffline && stores.health.fault === undefined
    const upstream = isPossible ? sources.findUpstream(source) : undefined
    return upstream?.outage ? undefined : upstream
  }
}

function isIncomplete({ missing, unknown }: WarmingPlan): boolean {
  return missing.length + unknown.length > 0
}

function toKey(
  source: Source,
  { digest, platform = '' }: { digest: Digest; platform: string | undefined },
): string {
  return `${formatSource(source)}@${digest} ${platform}`.trimEnd()
}
