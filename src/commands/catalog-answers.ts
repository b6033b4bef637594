import { CommandError } from './command-error.ts'
import { askServer } from './server-client.ts'
import type { ServerOptions } from './server-place.ts'

// What the server's API tells of what is kept. Times are as ISO 8601 has them, sizes in bytes.

export type Repository = {
  readonly name: string
  readonly hosted: boolean
  readonly tags: number
  readonly size: number
  readonly lastPull?: string
}

export type Image = {
  readonly tag: string
  readonly digest: string
  readonly mediaType: string
  readonly created?: string
  readonly size: number
  readonly lastPull?: string
  /** Missing where it was pushed. */
  readonly pinned?: boolean
  readonly description?: string
}

export type Part = {
  readonly digest: string
  readonly mediaType: string
  readonly size: number
  readonly kept: boolean
}

export type ImageConfig = Part & {
  readonly created?: string
  readonly os?: string
  readonly architecture?: string
  readonly user?: string
  readonly workingDir?: string
  readonly entrypoint?: readonly string[]
  readonly cmd?: readonly string[]
  readonly env?: readonly string[]
  readonly exposedPorts?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
}

export type Inspection = Omit<Image, 'tag'> & {
  readonly name: string
  readonly hosted: boolean
  readonly manifestSize: number
  readonly artifactType?: string
  readonly subject?: string
  readonly annotations: Readonly<Record<string, string>>
  readonly manifests: readonly (Part & { readonly platform?: string })[]
  readonly shown?: string
  readonly config?: ImageConfig
  readonly layers: readonly Part[]
  readonly tags: readonly string[]
  readonly referrers: readonly (Omit<Part, 'kept'> & { readonly artifactType?: string })[]
}

const pageSize = 500

/**
 * A list that the API gives a page at a time, whole: `path` without `after` and `limit`, `field` that of
 * the answer which holds the entries. Beside them the last answer, for what it says of the list.
 */
export async function askForAll<Entry>(
  options: ServerOptions,
  path: string,
  field: string,
): Promise<{ readonly entries: readonly Entry[]; readonly answer: Record<string, unknown> }> {
  const entries: Entry[] = []
  const url = new URL(path, 'http://server')
  url.searchParams.set('limit', String(pageSize))
  for (;;) {
    const answer = await askServer(options, 'GET', `${url.pathname}${url.search}`)
    const { [field]: page, next, ...others } = (answer ?? {}) as Record<string, unknown>
    if (!Array.isArray(page)) throw new CommandError(`the server's answer has no ${field}`)
    entries.push(...page)
    if (next === undefined) return { entries, answer: others }
    url.searchParams.set('after', String(next))
  }
}
