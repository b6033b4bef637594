import type { Manifest, Thing } from '../demands.ts'

/** Kept manifests and blobs: a blob goes with the last kept manifest that needs it. */
export class KeptImages {
  readonly #manifests = new Set<Manifest>()
  readonly #blobs = new Set<number>()
  /** How many kept manifests need a blob, kept itself or not. */
  readonly #needs = new Map<number, number>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  hasManifest(manifest: Manifest): boolean {
    return this.#manifests.has(manifest)
  }

  hasBlob(blob: Thing): boolean {
    return this.#blobs.has(blob.id)
  }

  addManifest(manifest: Manifest): void {
    this.#manifests.add(manifest)
    this.#bytes += manifest.sizeBytes
    for (const { id } of manifest.blobs) this.#needs.set(id, this.#needed(id) + 1)
  }

  /** A kept manifest must need it. */
  addBlob(blob: Thing): void {
    if (this.#needed(blob.id) === 0) throw new Error(`no kept manifest needs blob ${blob.id}`)
    this.#blobs.add(blob.id)
    this.#bytes += blob.sizeBytes
  }

  /** With it go the blobs that no other one needs. Nothing happens if it isn't kept. */
  removeManifest(manifest: Manifest): void {
    if (!this.#manifests.delete(manifest)) return
    this.#bytes -= manifest.sizeBytes
    for (const blob of manifest.blobs) this.#release(blob)
  }

  #release({ id, sizeBytes }: Thing): void {
    const needed = this.#needed(id) - 1
    if (needed > 0) {
      this.#needs.set(id, needed)
      return
    }
    this.#needs.delete(id)
    if (this.#blobs.delete(id)) this.#bytes -= sizeBytes
  }

  #needed(id: number): number {
    return this.#needs.get(id) ?? 0
  }
}
