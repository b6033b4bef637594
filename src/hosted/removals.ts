import picomatch from 'picomatch'
import type { RetentionRule } from '../config/config.ts'
import { type Digest, isDigest } from '../oci/digest.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import type { TagPattern } from '../oci/tag-pattern.ts'
import type { HostedRecords, PlannedRemoval, Version } from '../store/hosted-records.ts'
import { refuseKindly } from '../store/ledger-refusal.ts'
import { missing } from './hosted-pulls.ts'
import { type Expired, findExpired, type Keeping } from './retention.ts'

/** What is no longer there. */
export type Removed = { readonly tags: readonly Tag[]; readonly digests: readonly Digest[] }

/** What would no longer be there; `keptTags`: others of the image, which stay, and so does it. */
export type PlannedRemovals = Removed &
  Pick<PlannedRemoval, 'freedBytes' | 'sharedBytes'> & { readonly keptTags: readonly Tag[] }

type Settings = {
  readonly records: HostedRecords
  /** Whether the tag may not be moved, nor removed. */
  readonly isFixed: (repository: Repository, tag: Tag) => boolean
  /** Makes it invisible for every client before it resolves. */
  readonly onRemoved: (
    repository: Repository,
    removed: Removed,
    /** Whether the name is hosted no more. */
    isRenamed?: boolean,
  ) => Promise<void>
  readonly now: () => number
  /** Ends what the rules are taking away, after the image that it is at. */
  readonly signal: AbortSignal
}

/** A version that a rule takes away. */
export type Pruned = Expired & { readonly repository: Repository }

const repositoriesPerPage = 500

/** What takes pushed content out of its repositories; the collector frees it later. */
export class Removals {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /**
   * As a client asks (distribution-spec §Content Management): a tag alone, or a manifest with all its
   * tags. Throws RegistryError MANIFEST_UNKNOWN, or DENIED for a tag that must not move.
   */
  async removeManifest(repository: Repository, reference: Reference): Promise<void> {
    const { records, onRemoved } = this.#settings
    if (!isDigest(reference)) {
      this.#requireFree(repository, [reference])
      const wasThere = await records.removePushedTag(repository, reference)
      if (!wasThere) throw missing('MANIFEST_UNKNOWN', repository, reference)
      return onRemoved(repository, { tags: [reference], digests: [] })
    }
    this.#requireFree(repository, await records.listPushedTagsOf(repository, reference))
    const tags = await records.removePushed(repository, reference)
    if (!tags) throw missing('MANIFEST_UNKNOWN', repository, reference)
    return onRemoved(repository, { tags, digests: [reference] })
  }

  /** Throws RegistryError BLOB_UNKNOWN. */
  async removeBlob(repository: Repository, digest: Digest): Promise<void> {
    const wasThere = await this.#settings.records.unlinkPushed(repository, digest)
    if (!wasThere) throw missing('BLOB_UNKNOWN', repository, digest)
    await this.#settings.onRemoved(repository, { tags: [], digests: [digest] })
  }

  /**
   * As people mean it: by tag, the image too unless another tag or an index holds it; by digest, all its
   * tags too. With an image goes what refers to it, and with an index what it lists. Throws as
   * `removeManifest` does.
   */
  async removeVersion(repository: Repository, reference: Reference): Promise<Removed> {
    return this.#take(repository, await this.#findVersion(repository, reference))
  }

  /** What that would take away, or without a reference `removeRepository`. Throws as they do. */
  async plan(repository: Repository, reference: Reference | undefined): Promise<PlannedRemovals> {
    const { records } = this.#settings
    if (reference === undefined) await this.#requireAllFree(repository)
    const version = reference && (await this.#findVersion(repository, reference))
    const planning = records.planRemoval(repository, version ?? 'everything')
    const plan = await planning.catch(refuseKindly)
    if (!plan) throw notHosted(repository)
    const { tags, images: digests, freedBytes, sharedBytes } = plan
    const all = version ? await records.listPushedTagsOf(repository, version.digest) : []
    const keptTags = all.filter((tag) => !tags.includes(tag))
    return { tags, digests, keptTags, freedBytes, sharedBytes }
  }

  async #findVersion(repository: Repository, reference: Reference): Promise<Version> {
    const { records } = this.#settings
    const byDigest = isDigest(reference)
    const digest = byDigest ? reference : await records.findPushedTag(repository, reference)
    if (!digest || !(await records.findPushed(repository, digest)))
      throw missing('MANIFEST_UNKNOWN', repository, reference)
    const tags = byDigest ? await records.listPushedTagsOf(repository, digest) : [reference]
    this.#requireFree(repository, tags)
    return { digest, tags }
  }

  /** All that it has: the name is free then. Throws RegistryError NAME_UNKNOWN, or DENIED. */
  async removeRepository(repository: Repository): Promise<Removed> {
    const { records, onRemoved } = this.#settings
    await this.#requireAllFree(repository)
    const removed = await records.removeRepository(repository)
    if (!removed) throw notHosted(repository)
    const { tags, images: digests } = removed
    await onRemoved(repository, { tags, digests }, true)
    return { tags, digests }
  }

  /**
   * What the rules take away, oldest last in each repository; `isDryRun`: what they would. Throws
   * RegistryError where a pattern is none.
   */
  async prune(
    rules: readonly RetentionRule[],
    { isDryRun }: { isDryRun: boolean },
  ): Promise<readonly Pruned[]> {
    const pruned: Pruned[] = []
    // All of them are read before any takes something away.
    const patterns = await Promise.all(rules.map(({ tags }) => readPattern(tags)))
    for (const [place, rule] of rules.entries()) {
      const isMatch = picomatch([...rule.repositories], { dot: true })
      const keeping = { ...rule, tags: patterns[place] }
      for await (const repository of this.#listHosted()) {
        if (this.#settings.signal.aborted) return pruned
        if (isMatch(repository))
          pruned.push(...(await this.#pruneOne(repository, keeping, isDryRun)))
      }
    }
    return pruned
  }

  async #pruneOne(
    repository: Repository,
    rule: Keeping,
    isDryRun: boolean,
  ): Promise<readonly Pruned[]> {
    const { records, now, signal } = this.#settings
    const isFixed = (tag: Tag) => this.#settings.isFixed(repository, tag)
    const listedAt = now()
    const versions = await records.listVersions(repository)
    const expired = findExpired(versions, rule, { now: listedAt, isFixed })
    if (isDryRun) return expired.map((version) => ({ ...version, repository }))
    const listed = new Map(
      versions.map((version) => [version.digest, { ...version, listedAt }] as const),
    )
    const pruned: Pruned[] = []
    for (const version of expired) {
      if (signal.aborted) break
      const asListed = { ...version, listed: listed.get(version.digest) }
      const { tags, digests } = await this.#take(repository, asListed)
      if (tags.length + digests.length > 0) pruned.push({ ...version, tags, repository })
    }
    return pruned
  }

  async #take(repository: Repository, version: Version): Promise<Removed> {
    const { records, onRemoved } = this.#settings
    const { tags, images: digests } = await records.removeVersion(repository, version)
    const removed = { tags, digests }
    if (tags.length + digests.length > 0) await onRemoved(repository, removed)
    return removed
  }

  async *#listHosted(): AsyncIterable<Repository> {
    let after: Repository | undefined
    for (;;) {
      const page = { after, limit: repositoriesPerPage }
      const repositories = await this.#settings.records.listHosted(page)
      yield* repositories
      if (repositories.length < repositoriesPerPage) return
      after = repositories.at(-1)
    }
  }

  async #requireAllFree(repository: Repository): Promise<void> {
    for (const { tags } of await this.#settings.records.listVersions(repository))
      this.#requireFree(
        repository,
        tags.map(({ tag }) => tag),
      )
  }

  #requireFree(repository: Repository, tags: readonly Tag[]): void {
    const fixed = tags.find((tag) => this.#settings.isFixed(repository, tag))
    if (fixed === undefined) return
    const what = `${repository}:${fixed} can't be removed: hosted.immutableTags in mirrors.yaml names it`
    throw new RegistryError('DENIED', what)
  }
}

function notHosted(repository: Repository): RegistryError {
  return new RegistryError('NAME_UNKNOWN', `${repository} isn't hosted here`)
}

/** Undefined stands for every tag. */
async function readPattern(text: string | undefined): Promise<TagPattern | undefined> {
  if (text === undefined) return undefined
  const { parseTagPattern, wantedTagPattern } = await import('../oci/tag-pattern.ts')
  const pattern = parseTagPattern(text)
  if (pattern) return pattern
  throw new RegistryError('MANIFEST_INVALID', `tags: ${quote(text)}: wanted ${wantedTagPattern}`)
}
