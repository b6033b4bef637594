import type { Digest } from '../oci/digest.ts'
import type { Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'

/**
 * What is kept as lists that are put in order by more than names: each is made of all there is, and not in this
 * thread, which serves. All methods throw LedgerBusyError.
 */
export interface OverviewRecords {
  /** All repositories, as of one moment: ten thousand with ten tags each take some 150 ms. */
  summarizeRepositories(options: SummaryOptions): Promise<RepositorySummary>
  /** Of all repositories: as many take two seconds. */
  measureRepositories(): Promise<RepositorySizes>
  /** Ids of repositories that have such a tag or image; the first some thousands. */
  findHolding(wanted: HoldingQuery): Promise<readonly number[]>
  /** Undefined for a repository that isn't known. */
  listTagsInOrder(source: Source, query: TagQuery): Promise<TagList | undefined>
}

export type SummaryOptions = {
  /** Milliseconds since 1970, of what pulls are counted. */
  readonly pullsSince: number
  /** Of repositories, the first ones by name. */
  readonly most: number
}

/** Either a tag's beginning, or a digest's. */
export type HoldingQuery = { readonly tag: string } | { readonly digest: string }

/** Of each repository one number; 0 where there is none. */
export const summaryColumns = [
  'id',
  'tags',
  'pulls',
  'lastPulledAt',
  /** When its newest image was first stored. */
  'newestAt',
] as const

export type SummaryColumn = (typeof summaryColumns)[number]

/** Put together so that it goes from one thread to another at little cost. */
export type RepositorySummary = {
  /** Repositories as they are pulled, in byte order, one a line: `team/app`, or `docker.io/library/alpine`. */
  readonly names: string
  /** What upstreams there are, and of each repository the place among them. */
  readonly upstreams: readonly string[]
  readonly upstreamOf: Uint32Array
  /** One column after the other, each as long as there are repositories. */
  readonly cells: Float64Array<ArrayBuffer>
  /** Whether there are more repositories than were asked for. */
  readonly isCut: boolean
}

/** Of each repository its id, the bytes that are kept of it, and of these what no other repository has. */
export type RepositorySizes = { readonly cells: Float64Array<ArrayBuffer> }

export const tagOrders = ['tag', 'stored', 'pulled', 'size', 'pulls'] as const
export type TagOrder = (typeof tagOrders)[number]

export type TagQuery = {
  /** Part of a tag, or the beginning of a digest. */
  readonly search: string
  readonly order: TagOrder
  readonly isDescending: boolean
  readonly offset: number
  /** Of those that come after it in byte order, in that order, whatever `order` is. */
  readonly after?: string | undefined
  readonly limit: number
  /** The first of the days, of which pulls are counted. */
  readonly pullsSince: number
  readonly days: number
}

export type TagList = {
  readonly tags: readonly TagFigures[]
  /** How many match in all. */
  readonly total: number
  /** Whether there are others behind these. */
  readonly hasMore: boolean
}

export type TagFigures = {
  readonly tag: Tag
  readonly digest: Digest
  /** The manifest's own. */
  readonly manifestBytes: number
  /** With all that it names, and of an index what is kept. */
  readonly sizeBytes: number
  /** Undefined where the manifest came through another repository, and the next two with it. */
  readonly mediaType: string | undefined
  readonly storedAt: number | undefined
  readonly lastPulledAt: number | undefined
  /** When its upstream last said what it means; undefined for what was pushed. */
  readonly checkedAt: number | undefined
  /** What is kept of the image: no other image needs the first, others do need the second. */
  readonly ownBytes: number
  readonly sharedBytes: number
  /** One number a day. */
  readonly pullsByDay: readonly number[]
}
