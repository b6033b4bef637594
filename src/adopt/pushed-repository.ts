import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { manifestTypes } from '../oci/media-type.ts'
import { parsePushedManifest } from '../oci/pushed-manifest.ts'
import type { Tag } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import type { Need } from '../store/hosted-records.ts'
import type { Stores } from '../store/open-stores.ts'
import type { Contents } from './contents.ts'
import { inParallel } from './in-parallel.ts'
import { type FoundImage, PushedRecorder } from './pushed-recorder.ts'
import { PushedTags } from './pushed-tags.ts'
import type { RegistryStorage } from './registry-storage.ts'
import type { Tally } from './report.ts'

export type PushedSettings = {
  readonly storage: RegistryStorage
  readonly contents: Contents
  readonly stores: Pick<Stores, 'hosted' | 'blobs'>
  readonly tally: Tally
  /** Whether the tag may not be moved. */
  readonly isFixed: (repository: Repository, tag: Tag) => boolean
  readonly isDryRun: boolean
  readonly now: () => number
}

/** Indexes in indexes beyond this are nobody's. */
const deepest = 8
const mostNamed = 3

/** Takes over a repository that was pushed to, as if it had been pushed here when it was there. */
export class PushedRepository {
  readonly #settings: PushedSettings
  readonly #name: Repository
  readonly #tags: PushedTags
  readonly #recorder: PushedRecorder
  /** Of every manifest that the repository has. */
  readonly #revisions = new Map<Digest, number>()
  /** By digest, its manifest's size; undefined of what can't be taken. */
  readonly #done = new Map<Digest, number | undefined>()

  constructor(name: Repository, settings: PushedSettings) {
    this.#name = name
    this.#settings = settings
    this.#tags = new PushedTags(name, settings)
    this.#recorder = new PushedRecorder(name, this.#tags, settings)
  }

  /** What can't be taken is told of. False if nothing of it is here. */
  async take(): Promise<boolean> {
    const { storage, tally } = this.#settings
    await this.#tags.read()
    for (const { digest, at } of await storage.listRevisions(this.#name)) {
      this.#revisions.set(digest, at)
    }
    for (const digest of this.#revisions.keys()) await this.#takeImage(digest, 0)
    for (const { tag, digest } of this.#tags.listWithout(this.#revisions)) {
      tally.fault(`${this.#name}:${tag}`, `its manifest ${digest} was deleted there`)
    }
    await this.#recorder.checkFiles()
    return [...this.#done.values()].some((sizeBytes) => sizeBytes !== undefined)
  }

  /** Those that it lists come first. */
  async #takeImage(digest: Digest, depth: number): Promise<number | undefined> {
    if (this.#done.has(digest)) return this.#done.get(digest)
    const image = await this.#read(digest)
    const needs = image && (await this.#findNeeds(image, depth))
    const isTaken = image && needs && (await this.#record(image, needs))
    this.#done.set(digest, isTaken ? image.sizeBytes : undefined)
    return isTaken ? image.sizeBytes : undefined
  }

  async #read(digest: Digest): Promise<FoundImage | undefined> {
    const bytes = await this.#settings.contents.readManifest(this.#name, digest)
    if (typeof bytes === 'string') return this.#leaveOut(digest, bytes)
    try {
      const manifest = parsePushedManifest(bytes, undefined)
      const at = this.#revisions.get(digest) ?? 0
      return { digest, manifest, sizeBytes: bytes.length, at }
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error
      return this.#leaveOut(digest, error.message)
    }
  }

  async #findNeeds(
    { digest, manifest }: FoundImage,
    depth: number,
  ): Promise<readonly Need[] | undefined> {
    const { isIndex, needs } = manifest
    const found = isIndex
      ? await this.#takeListed(needs, depth + 1)
      : await inParallel(needs, (need) => this.#takeBlob(need, 'blob'))
    const lacking = needs.filter((_, at) => found[at] === undefined).map((need) => need.digest)
    const whole = found.filter((need) => need !== undefined)
    if (lacking.length === 0) return whole
    if (!isIndex || whole.length === 0) {
      return this.#leaveOut(digest, `it lacks ${lacking.join(', ')}, and is left out`)
    }
    // As `entrepot copy` does.
    const what = `it is taken without ${lacking.join(', ')}, which can't be: clients of these platforms get a 404`
    this.#settings.tally.fault(this.#nameOf(digest), what)
    return whole
  }

  async #takeListed(
    listed: readonly Descriptor[],
    depth: number,
  ): Promise<readonly (Need | undefined)[]> {
    const found: (Need | undefined)[] = []
    for (const child of listed) found.push(await this.#takeChild(child, depth))
    return found
  }

  async #takeChild(child: Descriptor, depth: number): Promise<Need | undefined> {
    const { digest, sizeBytes, mediaType } = child
    const isManifest = manifestTypes.has(mediaType) || this.#revisions.has(digest)
    if (!isManifest) return this.#takeBlob(child, 'either')
    if (!this.#revisions.has(digest) || depth > deepest) return undefined
    const takenBytes = await this.#takeImage(digest, depth)
    return takenBytes === sizeBytes ? { digest, sizeBytes, as: 'manifest' } : undefined
  }

  async #takeBlob(need: Descriptor, as: 'blob' | 'either'): Promise<Need | undefined> {
    const { digest, sizeBytes } = need
    const outcome = await this.#settings.contents.take(this.#name, digest)
    const isRight = typeof outcome === 'object' && outcome.sizeBytes === sizeBytes
    return isRight ? { digest, sizeBytes, as } : undefined
  }

  /** False if the repository didn't take it. */
  async #record(image: FoundImage, needs: readonly Need[]): Promise<boolean> {
    const { digest } = image
    const outcome = await this.#settings.contents.take(this.#name, digest)
    if (outcome === 'missing') this.#leaveOut(digest, 'its manifest has just gone')
    if (typeof outcome !== 'object') return false
    const refusal = await this.#recorder.record(image, needs)
    if (refusal !== undefined) this.#leaveOut(digest, refusal)
    return refusal === undefined
  }

  #leaveOut(digest: Digest, why: string): undefined {
    this.#settings.tally.fault(this.#nameOf(digest), why)
  }

  #nameOf(digest: Digest): string {
    const tags = this.#tags.listOf(digest).slice(0, mostNamed)
    return `${this.#name}${tags.map((tag) => `:${tag}`).join(' ')}@${digest}`
  }
}
