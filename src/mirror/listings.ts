import { LRUCache } from 'lru-cache'
import type { Digest } from '../oci/digest.ts'
import { cutPage, type Page, type Part } from '../oci/page.ts'
import { isTag } from '../oci/reference.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { FetchedList } from '../store/metadata-store.ts'
import type { Stores } from '../store/open-stores.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { CacheOutcome } from './cache-outcome.ts'
import { isFresh } from './freshness.ts'
import { noAnswerYet, staleWarning } from './registry-answer.ts'
import { SingleFlight } from './single-flight.ts'
import type { Sources } from './sources.ts'

export type Listing<T> = Part<T> & Standing

export type ReferrersPage = Page & { readonly artifactType?: string | undefined }

/** How a list came about. */
type Standing = { readonly cache: CacheOutcome; readonly warning?: string }

type Settings = {
  readonly stores: Stores
  readonly now: () => number
  readonly sources: Sources
}

/** A signature pushed a moment ago must not stay hidden behind a list that was empty before. */
const emptyTtlMs = 5_000
const maxHotBytes = 64 * 1024 * 1024
/** What an entry takes besides its text. */
const entryBytes = 64

/**
 * Tag lists and referrers: what upstream says, whole, kept for when it can't say. Of what nobody has
 * pulled it is only in memory: else questions alone would fill the disk.
 */
export class Listings {
  readonly #settings: Settings
  readonly #asking = new SingleFlight<FetchedList<unknown>>()
  readonly #hot = new LRUCache<string, FetchedList<unknown>>({
    maxSize: maxHotBytes,
    sizeCalculation: ({ entries }, key) => key.length + memoryOf(entries),
  })

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Of every tag upstream has, sorted bytewise, a page. Throws UpstreamError. */
  async listTags(source: Source, page: Page): Promise<Listing<string>> {
    const { stores, sources } = this.#settings
    const { entries, ...standing } = await this.#list<string>(source, {
      key: `tags ${formatSource(source)}`,
      find: () => stores.metadata.findTagList(source),
      fetch: async () => sortedTags(await sources.upstreamOf(source).fetchTags(source.repository)),
      isWorthKeeping: () => stores.metadata.hasImages(source),
      record: (list) => stores.metadata.recordTagList(source, list),
      findSubstitute: () => this.#keptTags(source),
    })
    return { ...cutPage(entries, page), ...standing }
  }

  /** Descriptors of what refers to the digest, as upstream gave them. Throws UpstreamError. */
  async listReferrers(
    source: Source,
    subject: Digest,
    { artifactType }: Pick<ReferrersPage, 'artifactType'>,
  ): Promise<Listing<unknown>> {
    const { stores, sources } = this.#settings
    const { entries: all, ...standing } = await this.#list<unknown>(source, {
      key: `referrers ${formatSource(source)}@${subject}`,
      find: () => stores.metadata.findReferrers(source, subject),
      fetch: () => sources.upstreamOf(source).fetchReferrers(source.repository, subject),
      isWorthKeeping: async ({ entries }) =>
        entries.length > 0 ||
        (await stores.metadata.findImage(source, subject)) !== undefined ||
        (await stores.metadata.findReferrers(source, subject)) !== undefined,
      record: (list) => stores.metadata.recordReferrers(source, subject, list),
      findSubstitute: async () => undefined,
    })
    const entries =
      artifactType === undefined ? all : all.filter((each) => hasArtifactType(each, artifactType))
    return { entries, hasMore: false, ...standing }
  }

  /** Resolves when nothing is being asked any more. */
  async settled(): Promise<void> {
    await this.#asking.settled()
  }

  async #list<T>(
    source: Source,
    list: ListAccess<T>,
  ): Promise<Standing & { readonly entries: readonly T[] }> {
    const known = await this.#find(list)
    if (known && this.#isFresh(source, known)) return { entries: known.entries, cache: 'hit' }
    try {
      const fetched = await this.#ask(source, list, known)
      return { entries: fetched.entries as readonly T[], cache: 'miss' }
    } catch (error) {
      if (!(error instanceof UpstreamError) || !error.isTemporary) throw error
      // A substitute is for silence: beside an answer that can't be read it would pass for the whole.
      const isSilent = error.kind !== 'invalid'
      const stale = known ?? (isSilent ? await list.findSubstitute() : undefined)
      if (!stale) throw error
      const warning = known
        ? staleWarning(error, known.fetchedAt)
        : `only what was pulled is listed: ${error.message}`
      return { entries: stale.entries, cache: 'stale', warning }
    }
  }

  /** Whoever could be served something kept waits for no answer that isn't to be expected soon. */
  async #ask<T>(
    source: Source,
    list: ListAccess<T>,
    known: FetchedList<T> | undefined,
  ): Promise<FetchedList<unknown>> {
    const { name, outage, patienceMs } = this.#settings.sources.upstreamOf(source)
    if (known && outage) throw outage
    const fetch = () => this.#fetch(list)
    if (!known) return this.#asking.run(list.key, fetch)
    const impatient = () => noAnswerYet(name, patienceMs)
    return this.#asking.runWithin(list.key, fetch, { ms: patienceMs, impatient })
  }

  /** Reading a long list from the database takes a while; pages of it are asked for in a row. */
  async #find<T>({ key, find }: ListAccess<T>): Promise<FetchedList<T> | undefined> {
    const hot = this.#hot.get(key) as FetchedList<T> | undefined
    if (hot) return hot
    const found = await find()
    if (found) this.#hot.set(key, found)
    return found
  }

  async #fetch<T>({ key, fetch, isWorthKeeping, record }: ListAccess<T>): Promise<FetchedList<T>> {
    const fetchedAt = this.#settings.now()
    const fetched = { entries: await fetch(), fetchedAt }
    if (await isWorthKeeping(fetched)) await record(fetched)
    this.#hot.set(key, fetched)
    return fetched
  }

  #isFresh(source: Source, { entries, fetchedAt }: FetchedList<unknown>): boolean {
    const { now, sources } = this.#settings
    const longestMs = entries.length === 0 ? emptyTtlMs : Number.POSITIVE_INFINITY
    return isFresh(fetchedAt, { now: now(), ttlMs: Math.min(sources.tagTtlMs(source), longestMs) })
  }

  /** Tags that were pulled, though no list was. */
  async #keptTags(source: Source): Promise<FetchedList<string> | undefined> {
    const tags = await this.#settings.stores.metadata.listTags(source)
    return tags.length === 0 ? undefined : { entries: sortedTags(tags), fetchedAt: 0 }
  }
}

type ListAccess<T> = {
  readonly key: string
  readonly find: () => Promise<FetchedList<T> | undefined>
  readonly fetch: () => Promise<readonly T[]>
  readonly isWorthKeeping: (list: FetchedList<T>) => Promise<boolean>
  readonly record: (list: FetchedList<T>) => Promise<void>
  /** What is better than nothing where no list was ever fetched. */
  readonly findSubstitute: () => Promise<FetchedList<T> | undefined>
}

function memoryOf(entries: readonly unknown[]): number {
  let bytes = entryBytes
  for (const entry of entries)
    bytes += entryBytes + (typeof entry === 'string' ? entry : JSON.stringify(entry)).length
  return bytes
}

function hasArtifactType(entry: unknown, artifactType: string): boolean {
  return (entry as { artifactType?: unknown } | null)?.artifactType === artifactType
}

/** What isn't a tag is left out; a tag's characters sort bytewise as they are. */
function sortedTags(entries: readonly string[]): readonly string[] {
  return [...new Set(entries.filter(isTag))].sort()
}
