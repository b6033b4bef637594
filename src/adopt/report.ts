import type { UpstreamName } from '../oci/upstream-name.ts'

export type Fault = { readonly where: string; readonly what: string }

export type Counts = {
  repositories: number
  /** Manifests and indexes; `known` were here before. */
  images: number
  knownImages: number
  tags: number
  /** Files, those of manifests too, and what their content comes to. */
  blobs: number
  bytes: number
  linkedBlobs: number
  linkedBytes: number
  knownBlobs: number
  /** Hashed, also what was then left out. */
  readBytes: number
}

export type Progress = { readonly repository: string; readonly counts: Readonly<Counts> }

export type Listener = {
  /** Something was left out, and why; or not quite all of it was there. */
  onFault(fault: Fault): void
  /** Nothing is wrong with it, but whoever runs this may wonder. */
  onNote(note: Fault): void
  onProgress(progress: Progress): void
  /** All of the repository that can be taken is. */
  onRepository(progress: Progress): void
}

export type Report = {
  /** `.../docker/registry/v2`. */
  readonly folder: string
  /** Whose images they are; undefined of what was pushed. */
  readonly upstream: UpstreamName | undefined
  readonly counts: Readonly<Counts>
  readonly faults: number
}

/** What one run counts, and whom it tells. */
export class Tally {
  readonly counts: Counts = {
    repositories: 0,
    images: 0,
    knownImages: 0,
    tags: 0,
    blobs: 0,
    bytes: 0,
    linkedBlobs: 0,
    linkedBytes: 0,
    knownBlobs: 0,
    readBytes: 0,
  }
  faults = 0
  readonly #listener: Listener
  #repository = ''

  constructor(listener: Listener) {
    this.#listener = listener
  }

  begin(repository: string): void {
    this.#repository = repository
    this.#listener.onProgress(this.#progress())
  }

  end(): void {
    this.#listener.onRepository(this.#progress())
  }

  fault(where: string, what: string): void {
    this.faults++
    this.#listener.onFault({ where, what })
  }

  note(where: string, what: string): void {
    this.#listener.onNote({ where, what })
  }

  addRead(bytes: number): void {
    this.counts.readBytes += bytes
    this.#listener.onProgress(this.#progress())
  }

  #progress(): Progress {
    return { repository: this.#repository, counts: { ...this.counts } }
  }
}
