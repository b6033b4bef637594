import type { Digest } from '../oci/digest.ts'
import type { Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { TagRecord } from '../store/metadata-store.ts'
import type { Stores } from '../store/open-stores.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { KnownTags } from './known-tags.ts'
import type { Leases } from './leases.ts'
import type { KeptManifest, ManifestKeeper } from './manifest-keeper.ts'
import type { ManifestPull, Manifests, Method } from './manifests.ts'
import { goneWarning, noAnswerYet, staleWarning } from './registry-answer.ts'
import type { Sources } from './sources.ts'
import { TagChecks, type WantedTag } from './tag-checks.ts'

type Settings = {
  readonly stores: Stores
  readonly sources: Sources
  readonly leases: Leases
  readonly keeper: ManifestKeeper
  readonly manifests: Manifests
  readonly now: () => number
}

type KnownTag = WantedTag & { readonly known: TagRecord }

/**
 * Pulls by tag: what is kept is served while it is fresh, then one HEAD asks whether the tag still
 * means it; if upstream can't say, or not soon, what is kept is served as stale, and at once while
 * upstream is known not to answer.
 */
export class Tags {
  readonly #settings: Settings
  readonly #tags: KnownTags
  readonly #checks: TagChecks

  constructor(settings: Settings) {
    this.#settings = settings
    this.#tags = new KnownTags(settings)
    this.#checks = new TagChecks({ ...settings, tags: this.#tags })
  }

  /** Throws UpstreamError. */
  async pull(source: Source, tag: Tag, method: Method): Promise<ManifestPull> {
    const { manifests, keeper } = this.#settings
    const known = await this.#tags.find(source, tag)
    if (known && this.#tags.isFresh(source, known)) {
      const pull = await manifests.pull(source, known.digest, method)
      const lease = pull.cache === 'hit' ? this.#tags.grantLease(source, tag, known) : undefined
      return lease ? { ...pull, lease } : pull
    }
    const kept = known && (await keeper.find(source, known.digest))
    if (kept) return this.#confirm({ source, tag, method, known }, kept)
    return this.#checks.run({ source, tag, method, known })
  }

  /**
   * A manifest is kept by now that was pulled by its digest. containerd pulls so: it asks by HEAD what
   * a tag means, and then for that. The tag is known from here on as if it had been pulled itself.
   */
  async noteKept(source: Source, digest: Digest): Promise<void> {
    for (const [tag, { checkedAt }] of this.#tags.announced.findMeaning(source, digest)) {
      if (await this.#settings.keeper.find(source, digest)) {
        await this.#tags.record(source, tag, { digest, checkedAt })
      }
    }
  }

  /** What it means isn't kept any more. */
  forget(source: Source, tag: Tag): void {
    this.#tags.forget(source, tag)
  }

  /** Resolves when nothing is being asked any more. */
  async settled(): Promise<void> {
    await this.#checks.settled()
  }

  /** Serves what is kept unless upstream says otherwise, and soon. */
  async #confirm(wanted: KnownTag, kept: KeptManifest): Promise<ManifestPull> {
    const { source, method, known } = wanted
    const { sources, manifests } = this.#settings
    const { name, outage, patienceMs } = sources.upstreamOf(source)
    try {
      if (outage) throw outage
      const impatient = () => noAnswerYet(name, patienceMs)
      return await this.#checks.runWithin(wanted, { ms: patienceMs, impatient })
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      const warning = await this.#mayServe(wanted, error)
      if (warning === undefined) throw error.isTemporary ? goneBefore(error, known) : error
      return manifests.serve(source, kept, { method, cache: 'stale', warning })
    }
  }

  /** With which warning what is kept may be served though upstream doesn't confirm it, if at all. */
  async #mayServe(
    { source, tag, known }: KnownTag,
    error: UpstreamError,
  ): Promise<string | undefined> {
    const { sources, now } = this.#settings
    if (error.kind === 'not-found' && known.goneAt === undefined) {
      await this.#tags.record(source, tag, { ...known, goneAt: now() })
    }
    if (error.isTemporary && known.goneAt === undefined) return staleWarning(error, known.checkedAt)
    return sources.servesGone(source) ? goneWarning(error, known.checkedAt) : undefined
  }
}

/** Upstream can't say now, but has said that the tag is gone, and nothing else since. */
function goneBefore(error: UpstreamError, { goneAt = 0 }: TagRecord): UpstreamError {
  const { upstream, message } = error
  const since = new Date(goneAt).toISOString()
  const what = `had no such tag any more at ${since}; now ${message}`
  return new UpstreamError(upstream, 'not-found', what, { cause: error })
}
