import type { Digest } from '../oci/digest.ts'
import type { Tag } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { PushedSettings } from './pushed-repository.ts'
import type { TagLink } from './registry-storage.ts'

type Known = { readonly digest: Digest; readonly pushedAt: number }

/** A repository's tags, there and here: of two meanings the later one counts. */
export class PushedTags {
  readonly #settings: Pick<PushedSettings, 'storage' | 'stores' | 'tally'>
  readonly #name: Repository
  readonly #there = new Map<Digest, TagLink[]>()
  readonly #here = new Map<Tag, Known>()

  constructor(name: Repository, settings: PushedSettings) {
    this.#name = name
    this.#settings = settings
  }

  async read(): Promise<void> {
    const { storage, stores } = this.#settings
    for (const link of await storage.listTags(this.#name)) {
      const links = this.#there.get(link.digest) ?? []
      links.push(link)
      this.#there.set(link.digest, links)
    }
    for (const { digest, tags } of await stores.hosted.listVersions(this.#name)) {
      for (const { tag, pushedAt } of tags) this.#here.set(tag, { digest, pushedAt })
    }
  }

  listOf(digest: Digest): readonly Tag[] {
    return (this.#there.get(digest) ?? []).map(({ tag }) => tag)
  }

  /** Those that point to something else. */
  listWithout(revisions: ReadonlyMap<Digest, unknown>): readonly TagLink[] {
    return [...this.#there].flatMap(([digest, links]) => (revisions.has(digest) ? [] : links))
  }

  /** Those that are to point to the image from now on, and don't yet, the oldest first. */
  async chooseFor(digest: Digest): Promise<readonly TagLink[]> {
    const chosen: TagLink[] = []
    for (const link of this.#there.get(digest) ?? []) {
      if (await this.#isNews(link)) chosen.push(link)
    }
    return chosen.sort((one, other) => one.at - other.at)
  }

  tellFixed(tag: Tag, digest: Digest): void {
    const what = `it stays at ${digest}: hosted.immutableTags in mirrors.yaml names it`
    this.#settings.tally.fault(`${this.#name}:${tag}`, what)
  }

  async #isNews({ tag, digest, at }: TagLink): Promise<boolean> {
    const { stores, tally } = this.#settings
    const known = this.#here.get(tag)
    const current = await stores.hosted.findPushedTag(this.#name, tag)
    if (current === digest) return false
    // Or while this runs.
    const isLaterHere = current !== known?.digest || (known !== undefined && known.pushedAt >= at)
    if (isLaterHere) tally.note(`${this.#name}:${tag}`, `was pushed here later, and stays as it is`)
    return !isLaterHere
  }
}
