import type { Shelf, ShelvedBlob, ShelvedManifest, ShelvedTag } from '../content/shelf.ts'

/** A shelf, made ready to be looked up. */
export class Stock {
  readonly #blobs: ReadonlyMap<string, ShelvedBlob>
  readonly #manifests: ReadonlyMap<string, ShelvedManifest>
  readonly #tags: Map<string, string>

  constructor({ blobs, manifests, tags }: Shelf) {
    this.#blobs = new Map(blobs.map((blob) => [blob.digest, blob]))
    this.#manifests = new Map(manifests.map((each) => [`${each.repository}@${each.digest}`, each]))
    this.#tags = new Map(
      tags.map(({ repository, tag, digest }) => [`${repository}:${tag}`, digest]),
    )
  }

  findBlob(digest: string): ShelvedBlob | undefined {
    return this.#blobs.get(digest)
  }

  findManifest(repository: string, reference: string): ShelvedManifest | undefined {
    const digest = reference.includes(':')
      ? reference
      : this.#tags.get(`${repository}:${reference}`)
    return this.#manifests.get(`${repository}@${digest}`)
  }

  /** As a push does that moves a tag. */
  moveTag({ repository, tag, digest }: ShelvedTag): void {
    this.#tags.set(`${repository}:${tag}`, digest)
  }
}
