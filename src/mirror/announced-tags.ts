import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { Digest } from '../oci/digest.ts'
import type { Tag } from '../oci/reference.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { ManifestHead } from '../upstream/manifest-answer.ts'

/** What upstream said to a HEAD for a tag, and when. */
export type Announced = ManifestHead & { readonly checkedAt: number }

const maxTags = 20_000
/** A registry may say of any tag that it means the same. */
const maxTagsOfOne = 100

/** Tags whose manifest isn't kept, as upstream announced them: enough to answer the next HEAD. */
export class AnnouncedTags {
  readonly #heads = new LRUCache<string, Announced>(atMost(maxTags))
  /** By repository and digest, which tags were said to mean it. */
  readonly #tags = new LRUCache<string, Set<Tag>>(atMost(maxTags))

  find(source: Source, tag: Tag): Announced | undefined {
    return this.#heads.get(tagKey(source, tag))
  }

  set(source: Source, tag: Tag, announced: Announced): void {
    this.#heads.set(tagKey(source, tag), announced)
    const key = digestKey(source, announced.digest)
    const tags = this.#tags.get(key)
    if (tags && tags.size < maxTagsOfOne) tags.add(tag)
    else this.#tags.set(key, new Set([tag]))
  }

  delete(source: Source, tag: Tag): void {
    this.#heads.delete(tagKey(source, tag))
  }

  /** The tags that mean `digest` as far as is known. */
  findMeaning(source: Source, digest: Digest): readonly (readonly [Tag, Announced])[] {
    const tags = this.#tags.get(digestKey(source, digest)) ?? []
    return [...tags].flatMap((tag) => {
      const announced = this.find(source, tag)
      return announced?.digest === digest ? [[tag, announced] as const] : []
    })
  }
}

export function tagKey(source: Source, tag: Tag): string {
  return `${formatSource(source)}:${tag}`
}

function digestKey(source: Source, digest: Digest): string {
  return `${formatSource(source)}@${digest}`
}
