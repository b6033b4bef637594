import type { Demand } from '../demands.ts'

/** What a demand found, and what had to be fetched for it. */
export interface Served {
  /** Manifests that upstream had to be asked for. */
  readonly manifestGets: number
  readonly hits: number
  readonly hitBytes: number
}

export interface Cache {
  /** Never more than its capacity. */
  readonly keptBytes: number
  /** Of blobs or of images, by what goes as one. */
  readonly evictions: number
  serve(demand: Demand): Served
}
