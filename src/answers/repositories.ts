import type { MayAnswer } from './image.ts'

/** By what `GET /api/v1/repositories?sort=` puts them in order; `-` in front turns it round. */
export const repositoryOrders = [
  'name',
  'tags',
  'size',
  'own',
  'pulls',
  'pulled',
  'stored',
] as const

export type RepositoryOrder = (typeof repositoryOrders)[number]

/**
 * `GET /api/v1/repositories?search=&sort=&offset=&limit=&source=&idle=&larger=`: of those that the asker may pull.
 * `source` is `all`, `hosted` or an upstream's name, `idle` so many days without a pull, `larger` so many bytes.
 */
export type RepositoriesAnswer = {
  readonly repositories: readonly RepositoryAnswer[]
  /** How many match in all. */
  readonly total: number
  /** Where the list goes on, as `after`, if it is by name and goes on. */
  readonly next?: string | undefined
  /** Set where there are more repositories than anybody looks through: the list ends after 100,000. */
  readonly cut?: true | undefined
  /** Set where sizes are still being measured, and are 0; only if it was asked with `sizes=later`. */
  readonly measuring?: true | undefined
}

/** `GET /api/v1/repository?name=`. */
export type RepositoryDetailAnswer = RepositoryAnswer & {
  /** On each of the last thirty days; the last is today, and days are those of UTC. */
  readonly pullsByDay: readonly number[]
  /** What the asker may do to its images. */
  readonly may: MayAnswer
}

export type RepositoryAnswer = {
  /** As it is pulled: `team/app`, or `docker.io/library/alpine`. */
  readonly name: string
  /** Whether it was pushed here. */
  readonly hosted: boolean
  readonly tags: number
  /** Bytes that are kept of it. */
  readonly size: number
  /** Of these, the bytes that no other repository shares: what deleting it would free. */
  readonly ownSize: number
  /** In the last thirty days. */
  readonly pulls: number
  /** ISO 8601, as all times. */
  readonly lastPull?: string | undefined
  /** When its newest image was first stored here. */
  readonly newest?: string | undefined
}
