import { LRUCache } from 'lru-cache'
import type { Digest } from '../oci/digest.ts'
import type { Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { TagRecord } from '../store/metadata-store.ts'
import type { Stores } from '../store/open-stores.ts'
import type { ManifestHead } from '../upstream/manifest-answer.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { type Announced, AnnouncedTags, tagKey } from './announced-tags.ts'
import { isFresh } from './freshness.ts'
import type { Lease } from './lease.ts'
import type { Leases } from './leases.ts'
import type { KeptManifest, ManifestKeeper } from './manifest-keeper.ts'
import type { ManifestPull, Manifests, Method } from './manifests.ts'
import { goneWarning, noAnswerYet, staleWarning } from './registry-answer.ts'
import { SingleFlight } from './single-flight.ts'
import type { Sources } from './sources.ts'

type Settings = {
  readonly stores: Stores
  readonly keeper: ManifestKeeper
  readonly manifests: Manifests
  readonly leases: Leases
  readonly now: () => number
  readonly sources: Sources
}

type Wanted = { readonly source: Source; readonly tag: Tag; readonly method: Method }

const maxTags = 20_000

/**
 * Pulls by tag: what is kept is served while it is fresh, then one HEAD asks whether the tag still
 * means it; if upstream can't say, or not soon, what is kept is served as stale, and at once while
 * upstream is known not to answer.
 */
export class Tags {
  readonly #settings: Settings
  readonly #records = new LRUCache<string, TagRecord>({ max: maxTags })
  readonly #announced = new AnnouncedTags()
  readonly #asking = new SingleFlight<ManifestPull>()
  readonly #heads = new SingleFlight<ManifestHead | undefined>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Throws UpstreamError. */
  async pull(source: Source, tag: Tag, method: Method): Promise<ManifestPull> {
    const { manifests, keeper } = this.#settings
    const wanted = { source, tag, method }
    const known = await this.#find(source, tag)
    if (known && this.#isFresh(source, known)) {
      const pull = await manifests.pull(source, known.digest, method)
      const lease = pull.cache === 'hit' ? this.#grant(wanted, known) : undefined
      return lease ? { ...pull, lease } : pull
    }
    const kept = known && (await keeper.find(source, known.digest))
    if (kept) return this.#confirm(wanted, known, kept)
    return this.#asking.run(askingKey(wanted), () => this.#ask({ ...wanted, known }))
  }

  /**
   * A manifest is kept by now that was pulled by its digest. containerd pulls so: it asks by HEAD what
   * a tag means, and then for that. The tag is known from here on as if it had been pulled itself.
   */
  async noteKept(source: Source, digest: Digest): Promise<void> {
    for (const [tag, { checkedAt }] of this.#announced.findMeaning(source, digest)) {
      if (await this.#settings.keeper.find(source, digest)) {
        await this.#record(source, tag, { digest, checkedAt })
      }
    }
  }

  /** Resolves when nothing is being asked any more. */
  async settled(): Promise<void> {
    await Promise.all([this.#asking.settled(), this.#heads.settled()])
  }

  /** Serves what is kept unless upstream says otherwise, and soon. */
  async #confirm(wanted: Wanted, known: TagRecord, kept: KeptManifest): Promise<ManifestPull> {
    const upstream = this.#settings.sources.upstreamOf(wanted.source)
    const { outage, patienceMs } = upstream
    try {
      if (outage) throw outage
      const ask = () => this.#ask({ ...wanted, known })
      const impatient = () => noAnswerYet(upstream.name, patienceMs)
      return await this.#asking.runWithin(askingKey(wanted), ask, { ms: patienceMs, impatient })
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      const warning = await this.#mayServe(wanted, known, error)
      if (warning === undefined) throw error.isTemporary ? goneBefore(error, known) : error
      const { source, method } = wanted
      return this.#settings.manifests.serve(source, kept, { method, cache: 'stale', warning })
    }
  }

  /** With which warning what is kept may be served though upstream doesn't confirm it, if at all. */
  async #mayServe(
    { source, tag }: Wanted,
    known: TagRecord,
    error: UpstreamError,
  ): Promise<string | undefined> {
    const { sources, now } = this.#settings
    if (error.kind === 'not-found' && known.goneAt === undefined) {
      await this.#record(source, tag, { ...known, goneAt: now() })
    }
    if (error.isTemporary && known.goneAt === undefined) return staleWarning(error, known.checkedAt)
    return sources.servesGone(source) ? goneWarning(error, known.checkedAt) : undefined
  }

  async #ask(wanted: Wanted & { known: TagRecord | undefined }): Promise<ManifestPull> {
    const { source, tag, method, known } = wanted
    const upstream = this.#settings.sources.upstreamOf(source)
    const announced = this.#announced.find(source, tag)
    // What can't be had isn't announced either.
    if (announced && this.#isFresh(source, announced) && !upstream.outage) {
      const pull = await this.#adopt(wanted, announced).catch(undefinedIfGone)
      if (pull) return pull
    }
    const checkedAt = this.#settings.now()
    const isHeadEnough = known !== undefined || method === 'HEAD'
    const askHead = () => upstream.headManifest(source.repository, tag)
    const head = isHeadEnough ? await this.#heads.run(tagKey(source, tag), askHead) : undefined
    if (head) return this.#adopt(wanted, { ...head, checkedAt }).catch(contradictionIfGone)
    const fetched = await upstream.fetchManifest(source.repository, tag)
    const kept = await this.#settings.keeper.keep(source, fetched)
    await this.#record(source, tag, { digest: kept.digest, checkedAt })
    return this.#settings.manifests.serveFetched(source, kept, method)
  }

  /** The tag is pointed at a digest only once its manifest is kept: the old one must serve until then. */
  async #adopt(
    { source, tag, method }: Wanted,
    { checkedAt, ...head }: Announced,
  ): Promise<ManifestPull> {
    const { keeper, manifests } = this.#settings
    if (method === 'HEAD' && !(await keeper.find(source, head.digest))) {
      this.#announced.set(source, tag, { ...head, checkedAt })
      return { ...head, cache: 'pass' }
    }
    const pull = await manifests.pull(source, head.digest, method)
    await this.#record(source, tag, { digest: head.digest, checkedAt })
    return pull
  }

  #isFresh(
    source: Source,
    { checkedAt, goneAt }: Pick<TagRecord, 'checkedAt' | 'goneAt'>,
  ): boolean {
    const { now, sources } = this.#settings
    if (goneAt !== undefined) return false
    return isFresh(checkedAt, { now: now(), ttlMs: sources.tagTtlMs(source) })
  }

  /** Undefined if the tag was found to mean something else meanwhile, or is fresh only as things are. */
  #grant({ source, tag }: Wanted, { checkedAt, digest }: TagRecord): Lease | undefined {
    const { leases, now, sources } = this.#settings
    if (this.#records.get(tagKey(source, tag))?.digest !== digest) return undefined
    // Not longer while little of a limit is left: that may change at any time.
    const ttlMs = sources.leaseMs(source)
    const isFreshNow = isFresh(checkedAt, { now: now(), ttlMs })
    return isFreshNow ? leases.grant(tagKey(source, tag), { checkedAt, ttlMs }) : undefined
  }

  async #find(source: Source, tag: Tag): Promise<TagRecord | undefined> {
    const key = tagKey(source, tag)
    const hot = this.#records.get(key)
    if (hot) return hot
    const record = await this.#settings.stores.metadata.findTag(source, tag)
    if (record) this.#records.set(key, record)
    return record
  }

  async #record(source: Source, tag: Tag, record: TagRecord): Promise<void> {
    await this.#settings.stores.metadata.recordTag(source, tag, record)
    this.#settings.leases.revoke(tagKey(source, tag))
    this.#records.set(tagKey(source, tag), record)
    this.#announced.delete(source, tag)
  }
}

function askingKey({ source, tag, method }: Wanted): string {
  return `${method} ${tagKey(source, tag)}`
}

/** Deleted since it was announced: the tag may mean another by now. */
function undefinedIfGone(error: unknown): undefined {
  if (!(error instanceof UpstreamError) || error.kind !== 'not-found') throw error
}

/** Upstream can't say now, but has said that the tag is gone, and nothing else since. */
function goneBefore(error: UpstreamError, { goneAt = 0 }: TagRecord): UpstreamError {
  const { upstream, message } = error
  const since = new Date(goneAt).toISOString()
  const what = `had no such tag any more at ${since}; now ${message}`
  return new UpstreamError(upstream, 'not-found', what, { cause: error })
}

/** Upstream has the tag but not what it points at: its parts disagree for a moment, and nothing is gone. */
function contradictionIfGone(error: unknown): never {
  if (!(error instanceof UpstreamError) || error.kind !== 'not-found') throw error
  const what = "has the tag, but doesn't have the manifest that it says it means"
  throw new UpstreamError(error.upstream, 'invalid', what, { cause: error })
}
