import { LRUCache } from 'lru-cache'
import type { Digest } from '../oci/digest.ts'
import type { Tag } from '../oci/reference.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { MetadataStore, TagRecord } from '../store/metadata-store.ts'
import type { ManifestHead } from '../upstream/manifest-answer.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { CacheOutcome } from './cache-outcome.ts'
import { isFresh } from './freshness.ts'
import type { ManifestKeeper } from './manifest-keeper.ts'
import type { ManifestPull, Manifests, Method } from './manifests.ts'
import { staleWarning } from './registry-answer.ts'
import { SingleFlight } from './single-flight.ts'

type Announced = ManifestHead & { readonly checkedAt: number }

type Settings = {
  readonly metadata: MetadataStore
  readonly keeper: ManifestKeeper
  readonly manifests: Manifests
  readonly now: () => number
  readonly upstreamOf: (source: Source) => Upstream
  readonly tagTtlMs: (source: Source) => number
}

const maxTags = 20_000

/**
 * Pulls by tag: what is kept is served while it is fresh, then one HEAD asks whether the tag still
 * means it; if upstream can't say, what is kept is served as stale.
 */
export class Tags {
  readonly #settings: Settings
  readonly #records = new LRUCache<string, TagRecord>({ max: maxTags })
  /** What upstream said to a HEAD for a manifest that isn't kept: enough to answer the next HEAD. */
  readonly #announced = new LRUCache<string, Announced>({ max: maxTags })
  readonly #asking = new SingleFlight<ManifestPull>()
  readonly #heads = new SingleFlight<ManifestHead | undefined>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Throws UpstreamError. */
  async pull(source: Source, tag: Tag, method: Method): Promise<ManifestPull> {
    const key = tagKey(source, tag)
    const known = await this.#find(source, tag)
    if (known && this.#isFresh(source, known)) {
      return this.#settings.manifests.pull(source, known.digest, method)
    }
    try {
      return await this.#asking.run(`${method} ${key}`, () =>
        this.#ask({ source, tag, method, known }),
      )
    } catch (error) {
      const stale = known && (await this.#pullStale(source, known, { method, error }))
      if (stale) return stale
      throw error
    }
  }

  async #ask(wanted: {
    source: Source
    tag: Tag
    method: Method
    known: TagRecord | undefined
  }): Promise<ManifestPull> {
    const { source, tag, method, known } = wanted
    const announced = this.#announced.get(tagKey(source, tag))
    if (announced && this.#isFresh(source, announced)) {
      const pull = await this.#adopt(wanted, announced).catch(undefinedIfGone)
      if (pull) return pull
    }
    const checkedAt = this.#settings.now()
    const upstream = this.#settings.upstreamOf(source)
    const isHeadEnough = known !== undefined || method === 'HEAD'
    const askHead = () => upstream.headManifest(source.repository, tag)
    const head = isHeadEnough ? await this.#heads.run(tagKey(source, tag), askHead) : undefined
    if (head) return this.#adopt(wanted, { ...head, checkedAt })
    const fetched = await upstream.fetchManifest(source.repository, tag)
    const kept = await this.#settings.keeper.keep(source, fetched)
    await this.#record(source, tag, { digest: kept.digest, checkedAt })
    return this.#settings.manifests.serve(source, kept, { method, cache: 'miss' })
  }

  /** The tag is pointed at a digest only once its manifest is kept: the old one must serve until then. */
  async #adopt(
    { source, tag, method }: { source: Source; tag: Tag; method: Method },
    { checkedAt, ...head }: Announced,
  ): Promise<ManifestPull> {
    const { keeper, manifests } = this.#settings
    if (method === 'HEAD' && !(await keeper.find(source, head.digest))) {
      this.#announced.set(tagKey(source, tag), { ...head, checkedAt })
      return { ...head, cache: 'pass' }
    }
    const pull = await manifests.pull(source, head.digest, method)
    await this.#record(source, tag, { digest: head.digest, checkedAt })
    return pull
  }

  /** Undefined where upstream said no, or nothing is kept after all. */
  async #pullStale(
    source: Source,
    known: TagRecord,
    { method, error }: { method: Method; error: unknown },
  ): Promise<ManifestPull | undefined> {
    if (!(error instanceof UpstreamError) || !error.isTemporary) return undefined
    const kept = await this.#settings.keeper.find(source, known.digest)
    const stale: { cache: CacheOutcome; warning: string } = {
      cache: 'stale',
      warning: staleWarning(error, known.checkedAt),
    }
    return kept && this.#settings.manifests.serve(source, kept, { method, ...stale })
  }

  #isFresh(source: Source, { checkedAt }: { checkedAt: number }): boolean {
    const { now, tagTtlMs } = this.#settings
    return isFresh(checkedAt, { now: now(), ttlMs: tagTtlMs(source) })
  }

  async #find(source: Source, tag: Tag): Promise<TagRecord | undefined> {
    const key = tagKey(source, tag)
    const hot = this.#records.get(key)
    if (hot) return hot
    const record = await this.#settings.metadata.findTag(source, tag)
    if (record) this.#records.set(key, record)
    return record
  }

  async #record(source: Source, tag: Tag, record: { digest: Digest; checkedAt: number }) {
    await this.#settings.metadata.recordTag(source, tag, record)
    this.#records.set(tagKey(source, tag), record)
    this.#announced.delete(tagKey(source, tag))
  }
}

function tagKey(source: Source, tag: Tag): string {
  return `${formatSource(source)}:${tag}`
}

/** Deleted since it was announced: the tag may mean another by now. */
function undefinedIfGone(error: unknown): undefined {
  if (!(error instanceof UpstreamError) || error.kind !== 'not-found') throw error
}
