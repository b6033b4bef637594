import type { Digest } from '../oci/digest.ts'
import type { PushedManifest } from '../oci/pushed-manifest.ts'
import type { Repository } from '../oci/repository.ts'
import type { Need } from '../store/hosted-records.ts'
import type { PushedSettings } from './pushed-repository.ts'
import type { PushedTags } from './pushed-tags.ts'
import type { TagLink } from './registry-storage.ts'

type Settings = Pick<PushedSettings, 'stores' | 'tally' | 'isFixed' | 'isDryRun' | 'now'>

/** Whose files are kept by now. */
export type FoundImage = {
  readonly digest: Digest
  readonly manifest: PushedManifest
  readonly sizeBytes: number
  /** When it was pushed there. */
  readonly at: number
}

/** Records that a repository has what was found of it. */
export class PushedRecorder {
  readonly #settings: Settings
  readonly #name: Repository
  readonly #tags: PushedTags
  /** Of what it has since this run. */
  readonly #linked = new Set<Digest>()

  constructor(name: Repository, tags: PushedTags, settings: Settings) {
    this.#name = name
    this.#tags = tags
    this.#settings = settings
  }

  /** Gives why it couldn't be; undefined when it is, or was. */
  async record(image: FoundImage, needs: readonly Need[]): Promise<string | undefined> {
    const { stores, tally, isDryRun, now } = this.#settings
    const { digest } = image
    const isKnown = (await stores.hosted.findPushed(this.#name, digest)) !== undefined
    const isWhole = isKnown && (await this.#hasAll(needs))
    const links = await this.#tags.chooseFor(digest)
    tally.counts[isWhole ? 'knownImages' : 'images']++
    if (isDryRun) tally.counts.tags += links.length
    if (isDryRun || (isWhole && links.length === 0)) return undefined
    // From now on, and not since it was pushed there: links that no image needs yet soon go.
    const linked = needs.filter(({ as }) => as !== 'manifest')
    if (linked.length > 0) await stores.hosted.linkPushed(this.#name, linked, now())
    for (const need of [...linked, image]) this.#linked.add(need.digest)
    return this.#recordTagged(image, needs, links)
  }

  /** What nobody needed till now may have been freed by a server while it was linked. */
  async checkFiles(): Promise<void> {
    const { stores, tally } = this.#settings
    for (const digest of this.#linked) {
      if ((await stores.blobs.find(digest)) !== undefined) continue
      tally.fault(`${this.#name}@${digest}`, 'was removed here meanwhile: run this again')
    }
  }

  async #hasAll(needs: readonly Need[]): Promise<boolean> {
    return (await this.#settings.stores.hosted.findLacking(this.#name, needs)).length === 0
  }

  /** The oldest tag first: an image was pushed when it was pushed last. */
  async #recordTagged(
    { digest, manifest, sizeBytes, at: pushedAt }: FoundImage,
    needs: readonly Need[],
    links: readonly TagLink[],
  ): Promise<string | undefined> {
    const { stores, tally, isFixed } = this.#settings
    const pushes = links.map(({ tag, at }) => ({ tags: [tag], at }))
    for (const { tags, at } of pushes.length > 0 ? pushes : [{ tags: [], at: pushedAt }]) {
      const image = { ...manifest, digest, sizeBytes, pushedAt: at }
      const fixedTags = tags.filter((tag) => isFixed(this.#name, tag))
      const push = { image, tags, needs, fixedTags }
      const refusal = await stores.hosted.recordPushed(this.#name, push)
      if (!refusal) tally.counts.tags += tags.length
      else if ('lacking' in refusal)
        return 'a part of it was removed here meanwhile: run this again'
      else {
        this.#tags.tellFixed(refusal.fixedTag, refusal.digest)
        await stores.hosted.recordPushed(this.#name, { ...push, tags: [], fixedTags: [] })
      }
    }
    return undefined
  }
}
