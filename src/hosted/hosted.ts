import type { Config, RetentionRule } from '../config/config.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { Leases } from '../mirror/leases.ts'
import type { Digest } from '../oci/digest.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { Stores } from '../store/open-stores.ts'
import type { Freed } from '../store/unowned-records.ts'
import type { AnyHosted, PushTaken } from './any-hosted.ts'
import { Changes } from './changes.ts'
import { type Copied, Copies, type Copy, copySource, type PlannedCopy } from './copies.ts'
import { fixedTags } from './fixed-tags.ts'
import { HostedBlobs } from './hosted-blobs.ts'
import { HostedFirst } from './hosted-first.ts'
import { HostedLists } from './hosted-lists.ts'
import { HostedManifests, type NewManifest } from './hosted-manifests.ts'
import { HostedNames } from './hosted-names.ts'
import { HostedPulls } from './hosted-pulls.ts'
import { needingRoom } from './needing-room.ts'
import { OpenUploads } from './open-uploads.ts'
import { isOwnName, type RequestedName, resolveOwn } from './own-name.ts'
import { PushActivity } from './push-activity.ts'
import { type Pushed, Pushes } from './pushes.ts'
import { type PlannedRemovals, type Pruned, Removals, type Removed } from './removals.ts'
import { type TagMoved, tagImage, type WantedTag } from './tagging.ts'
import { UploadPlaces } from './upload-places.ts'
import { type UploadState, Uploads, type UploadWriter } from './uploads.ts'

type Settings = {
  /** As they are: what is acknowledged here exists nowhere else. */
  readonly stores: Stores
  /** What answers where nothing was pushed. */
  readonly mirror: AnyMirror & { isPrivate(upstream: UpstreamName): boolean }
  readonly config: Config
  /** How many unfinished ones there may be. */
  readonly maxUploads: number
  readonly leases: Leases
  /** Takes back all leases, in all threads. */
  readonly revokeAll: () => void
  /** Resolves when every thread knows what was taken back by now. */
  readonly revoked: () => Promise<void>
  /** Frees what nobody needs any more, now. */
  readonly free: () => Promise<Freed>
  /** Every client gets it by these tags, or by its digest. */
  readonly onPushed: (repository: Repository, pushed: Pushed) => void
  /** It isn't there any more, and there is something to be freed. */
  readonly onRemoved: (repository: Repository, removed: Removed) => void
  readonly now: () => number
  /** Hears of failures that no client waits for. */
  readonly onError: (error: unknown, what: string) => void
}

/**
 * The room of the private registry: what is pushed here, who has it, and what is taken away again. What
 * was acknowledged holds at once, for every client of every thread.
 */
export class Hosted implements AnyHosted {
  readonly #settings: Settings
  readonly #open: OpenUploads
  readonly #uploads: Uploads
  readonly #names: HostedNames
  readonly #changes: Changes
  readonly #pushes: Pushes
  readonly #blobs: HostedBlobs
  readonly #removals: Removals
  readonly #copies: Copies
  readonly #activity: PushActivity
  readonly #stopping = new AbortController()
  #config: Config
  #isFixed: ReturnType<typeof fixedTags>

  constructor(settings: Settings) {
    const { stores, mirror, config, maxUploads, now, onError } = settings
    const { hosted: records, uploads, holds, health } = stores
    this.#settings = settings
    this.#config = config
    this.#isFixed = fixedTags(config.hosted.immutableTags)
    const isFixed = (repository: Repository, tag: Tag) => this.#isFixed(repository, tag)
    const isOpen = (upstream: UpstreamName) => !mirror.isPrivate(upstream)
    const onRemoved = async (repository: Repository, removed: Removed, isRenamed?: boolean) => {
      await this.#changes.announce(repository, removed, isRenamed)
      settings.onRemoved(repository, removed)
    }
    const onGrown = (repository: Repository) => this.#activity.note(repository)
    this.#open = new OpenUploads({ uploads, onError })
    const places = new UploadPlaces(maxUploads, now)
    this.#uploads = new Uploads({ open: this.#open, places, records, holds, health, onGrown, now })
    const manifests = new HostedManifests({ stores, isFixed, now })
    const names = new HostedNames(records)
    const changes = new Changes({ ...settings, names })
    this.#names = names
    this.#changes = changes
    this.#pushes = new Pushes({ ...settings, manifests, names, changes })
    this.#activity = new PushActivity(now)
    this.#blobs = new HostedBlobs({ stores, isOpen, now })
    this.#removals = new Removals({
      records,
      isFixed,
      onRemoved,
      now,
      signal: this.#stopping.signal,
    })
    this.#copies = new Copies({ stores, blobs: this.#blobs, isFixed, now })
  }

  /** Takes up a changed configuration; what is under way goes on. */
  configure(config: Config): void {
    this.#config = config
    this.#isFixed = fixedTags(config.hosted.immutableTags)
  }

  /** What answers pulls: this, where it has the repository, else the mirror. */
  beforeMirror(): AnyMirror {
    const { stores, mirror, leases, now } = this.#settings
    return new HostedFirst({
      mirror,
      names: this.#names,
      blobs: this.#blobs,
      pulls: new HostedPulls({ stores, leases, now }),
      lists: new HostedLists(stores.hosted),
      isOwnName: (repository) => isOwnName(repository, this.#config),
      isPushing: (repository) => this.#activity.isActive(repository),
      onAsked: (repository) => this.#activity.note(repository),
      isMirrored: (source) => stores.metadata.hasImages(source),
    })
  }

  resolveOwn(requested: RequestedName): Repository {
    return resolveOwn(requested, this.#config)
  }

  beginUpload(repository: Repository, client: string): Promise<UploadWriter> {
    this.#activity.note(repository)
    return this.#uploads.begin(repository, client)
  }

  resumeUpload(repository: Repository, id: string, start?: number): Promise<UploadWriter> {
    this.#activity.note(repository)
    return this.#uploads.resume(repository, id, start)
  }

  describeUpload(repository: Repository, id: string): Promise<UploadState> {
    return this.#uploads.describe(repository, id)
  }

  mountBlob(repository: Repository, digest: Digest, from?: Repository): Promise<boolean> {
    this.#activity.note(repository)
    return this.#blobs.mount(repository, digest, from)
  }

  pushManifest(repository: Repository, pushed: NewManifest): Promise<PushTaken> {
    return this.#pushes.push(repository, pushed)
  }

  removeManifest(repository: Repository, reference: Reference): Promise<void> {
    return this.#recording(() => this.#removals.removeManifest(repository, reference))
  }

  removeBlob(repository: Repository, digest: Digest): Promise<void> {
    return this.#recording(() => this.#removals.removeBlob(repository, digest))
  }

  removeVersion(repository: Repository, reference: Reference): Promise<Removed> {
    return this.#recording(() => this.#removals.removeVersion(repository, reference))
  }

  removeRepository(repository: Repository): Promise<Removed> {
    return this.#recording(() => this.#removals.removeRepository(repository))
  }

  planRemoval(repository: Repository, reference: Reference | undefined): Promise<PlannedRemovals> {
    return this.#recording(() => this.#removals.plan(repository, reference))
  }

  async tag(repository: Repository, wanted: WantedTag): Promise<TagMoved> {
    const { stores, now, onPushed } = this.#settings
    const tagging = { records: stores.hosted, isFixed: this.#isFixed, now }
    if (wanted.isDryRun) return tagImage(tagging, repository, wanted)
    const moved = await this.#recording(() => tagImage(tagging, repository, wanted))
    await this.#changes.announce(repository, { tags: [wanted.tag], digests: [] })
    onPushed(repository, { digest: moved.digest, tags: [wanted.tag] })
    return moved
  }

  prune(
    rules: readonly RetentionRule[] | undefined,
    options: { isDryRun: boolean },
  ): Promise<readonly Pruned[]> {
    return this.#recording(() =>
      this.#removals.prune(rules ?? this.#config.hosted.retention, options),
    )
  }

  countRules(): number {
    return this.#config.hosted.retention.length
  }

  async copy(copy: Copy): Promise<Copied> {
    const copied = await this.#copy(copy)
    this.#settings.onPushed(copy.to, { digest: copied.digest, tags: copy.tags })
    return copied
  }

  async planCopy(copy: Copy): Promise<PlannedCopy> {
    return this.#copies.plan({ ...copy, from: await this.#findCopySource(copy) })
  }

  async #findCopySource({ from }: Copy): Promise<Source> {
    return copySource(from, from.own !== undefined && (await this.#names.has(from.own)))
  }

  async #copy(copy: Copy): Promise<Copied> {
    const from = await this.#findCopySource(copy)
    const isNew = !(await this.#names.has(copy.to))
    const act = () => this.#copies.copy({ ...copy, from })
    try {
      return await this.#recording(act)
    } finally {
      // Where it fails on its way, what it has recorded stays.
      await this.#changes.announce(copy.to, { tags: copy.tags, digests: [] }, isNew)
    }
  }

  /** Another process has changed what is recorded: from now on that holds. */
  noteForeignChanges(): Promise<void> {
    return this.#changes.announceAny()
  }

  /** Whether no push to it can be under way. */
  isQuiet(repository: Repository): boolean {
    return this.#activity.isQuiet(repository)
  }

  free(): Promise<Freed> {
    return this.#settings.free()
  }

  /** What a rule is taking away comes to its end after the image that it is at. */
  stopPruning(): void {
    this.#stopping.abort()
  }

  /** Every upload must have been given back. */
  close(): Promise<void> {
    return this.#open.close()
  }

  /** Taking away needs room too: what is no more is written down. */
  #recording<T>(act: () => Promise<T>): Promise<T> {
    return needingRoom(() => this.#changes.orDoubt(act), this.#settings.stores)
  }
}
