import type { Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { TagRecord } from '../store/metadata-store.ts'
import type { Stores } from '../store/open-stores.ts'
import type { ManifestHead } from '../upstream/manifest-answer.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { type Announced, tagKey } from './announced-tags.ts'
import type { KnownTags } from './known-tags.ts'
import type { ManifestKeeper } from './manifest-keeper.ts'
import type { ManifestPull, Manifests, Method } from './manifests.ts'
import { type Patience, SingleFlight } from './single-flight.ts'
import type { Sources } from './sources.ts'

type Settings = {
  readonly stores: Pick<Stores, 'metadata'>
  readonly tags: KnownTags
  readonly keeper: ManifestKeeper
  readonly manifests: Manifests
  readonly sources: Sources
  readonly now: () => number
}

export type WantedTag = {
  readonly source: Source
  readonly tag: Tag
  readonly method: Method
  /** What it meant the last time. */
  readonly known: TagRecord | undefined
}

/**
 * Asks upstream what a tag means by now, once for all who want to know, and takes up the answer:
 * its manifest is kept, and then the tag points at it.
 */
export class TagChecks {
  readonly #settings: Settings
  readonly #checking = new SingleFlight<ManifestPull>()
  readonly #heads = new SingleFlight<ManifestHead | undefined>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Throws UpstreamError. */
  run(wanted: WantedTag): Promise<ManifestPull> {
    return this.#checking.run(checkKey(wanted), () => this.#check(wanted))
  }

  /** The same for whoever could be served something kept: see SingleFlight. */
  runWithin(wanted: WantedTag, patience: Patience): Promise<ManifestPull> {
    return this.#checking.runWithin(checkKey(wanted), () => this.#check(wanted), patience)
  }

  /** Resolves when nothing is being asked any more. */
  async settled(): Promise<void> {
    await Promise.all([this.#checking.settled(), this.#heads.settled()])
  }

  async #check(wanted: WantedTag): Promise<ManifestPull> {
    const { source, tag, method, known } = wanted
    const { stores, tags, keeper, manifests, sources, now } = this.#settings
    const upstream = sources.upstreamOf(source)
    const announced = tags.announced.find(source, tag)
    // What can't be had isn't announced either.
    if (announced && tags.isFresh(source, announced) && !upstream.outage) {
      const pull = await this.#adopt(wanted, announced).catch(undefinedIfGone)
      if (pull) return pull
    }
    const checkedAt = now()
    // It may lie here, unknown: then its bytes needn't come again.
    const isHeadEnough =
      known !== undefined || method === 'HEAD' || (await stores.metadata.hasUnknown())
    const askHead = () => upstream.headManifest(source.repository, tag)
    const head = isHeadEnough ? await this.#heads.run(tagKey(source, tag), askHead) : undefined
    if (head) return this.#adopt(wanted, { ...head, checkedAt }).catch(contradictionIfGone)
    const fetched = await upstream.fetchManifest(source.repository, tag)
    const kept = await keeper.keep(source, fetched)
    await tags.record(source, tag, { digest: kept.digest, checkedAt })
    return manifests.serveFetched(source, kept, method)
  }

  /** The tag is pointed at a digest only once its manifest is kept: the old one must serve until then. */
  async #adopt(
    { source, tag, method }: WantedTag,
    { checkedAt, ...head }: Announced,
  ): Promise<ManifestPull> {
    const { tags, keeper, manifests } = this.#settings
    if (method === 'HEAD' && !(await keeper.find(source, head.digest))) {
      tags.announced.set(source, tag, { ...head, checkedAt })
      return { ...head, cache: 'pass' }
    }
    const pull = await manifests.pull(source, head.digest, method)
    await tags.record(source, tag, { digest: head.digest, checkedAt })
    return pull
  }
}

function checkKey({ source, tag, method }: WantedTag): string {
  return `${method} ${tagKey(source, tag)}`
}

/** Deleted since it was announced: the tag may mean another by now. */
function undefinedIfGone(error: unknown): undefined {
  if (!(error instanceof UpstreamError) || error.kind !== 'not-found') throw error
}

/** Upstream has the tag but not what it points at: its parts disagree for a moment, and nothing is gone. */
function contradictionIfGone(error: unknown): never {
  if (!(error instanceof UpstreamError) || error.kind !== 'not-found') throw error
  const what = "has the tag, but doesn't have the manifest that it says it means"
  throw new UpstreamError(error.upstream, 'invalid', what, { cause: error })
}
