/** By what `GET /api/v1/images?sort=` puts them in order; `-` in front turns it round. `tag` counts as people count versions. */
export const imageOrders = ['tag', 'stored', 'pulled', 'size', 'pulls'] as const

export type ImageOrder = (typeof imageOrders)[number]

/**
 * `GET /api/v1/images?repository=&search=&sort=&offset=&limit=`: the tags of a repository; without `sort` in byte
 * order, and then `after` may take the place of `offset`.
 */
export type ImagesAnswer = {
  readonly repository: string
  /** Whether it was pushed here. */
  readonly hosted: boolean
  readonly images: readonly ImageAnswer[]
  /** How many match in all. */
  readonly total: number
  /** Where the list goes on, as `after`, if it is in byte order and goes on. */
  readonly next?: string | undefined
}

export type ImageAnswer = {
  readonly tag: string
  readonly digest: string
  readonly mediaType: string
  /** As it says itself; ISO 8601, as all times. */
  readonly created?: string | undefined
  /** Bytes, with all that it names; of an index what is kept. */
  readonly size: number
  /** Of what is kept of it, the bytes that no other image needs, */
  readonly ownSize: number
  /** and those that others need too. */
  readonly sharedSize: number
  /** When it was first fetched or pushed. */
  readonly stored?: string | undefined
  readonly lastPull?: string | undefined
  /** In the last thirty days, and on each of them; the last is today, and days are those of UTC. */
  readonly pulls: number
  readonly pullsByDay: readonly number[]
  /** When its upstream last said what the tag means; missing where it was pushed. */
  readonly checked?: string | undefined
  /** Missing where it was pushed. */
  readonly pinned?: boolean | undefined
  readonly description?: string | undefined
  /** `linux/arm64`; the first thirty. */
  readonly platforms: readonly string[]
}
