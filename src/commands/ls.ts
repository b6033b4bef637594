import { systemClock } from '../clock.ts'
import { formatBytes } from '../config/units.ts'
import { askForAll, type Image, type Repository } from './catalog-answers.ts'
import { formatAgo } from './human-values.ts'
import type { ServerOptions } from './server-place.ts'
import { formatTable } from './table.ts'

type Options = ServerOptions & { readonly json?: true }

const repositoryHeadings = ['REPOSITORY', 'KIND', 'TAGS', 'SIZE', 'LAST PULL']
const imageHeadings = ['REPOSITORY', 'TAG', 'CREATED', 'SIZE', 'LAST PULL', 'PINNED', 'DESCRIPTION']
const longestDescription = 80

/**
 * `entrepot ls [REPOSITORY]`: what is kept, or the tags of one repository. Throws CommandError for a
 * repository of which nothing is kept.
 */
export async function ls(repository: string | undefined, options: Options): Promise<void> {
  if (repository === undefined) return listRepositories(options)
  const path = `/api/v1/images?repository=${encodeURIComponent(repository)}`
  const { entries: images, answer } = await askForAll<Image>(options, path, 'images')
  const now = systemClock.now()
  const name = String(answer.repository)
  const rows = images.map((image) => [name, ...describeImage(image, now)])
  print(options, { ...answer, images }, [imageHeadings, ...rows])
}

async function listRepositories(options: Options): Promise<void> {
  const path = '/api/v1/repositories'
  const { entries: repositories } = await askForAll<Repository>(options, path, 'repositories')
  const now = systemClock.now()
  const rows = repositories.map(({ name, hosted, tags, size, lastPull }) => [
    name,
    hosted ? 'hosted' : 'mirrored',
    String(tags),
    formatBytes(size),
    formatAgo(lastPull, now),
  ])
  print(options, { repositories }, [repositoryHeadings, ...rows])
}

function describeImage(image: Image, now: number): readonly string[] {
  const { tag, created, size, lastPull, pinned, description = '' } = image
  const isLong = description.length > longestDescription
  return [
    tag,
    created === undefined ? '' : formatAgo(created, now),
    formatBytes(size),
    formatAgo(lastPull, now),
    pinned ? 'yes' : '',
    isLong ? `${description.slice(0, longestDescription)}…` : description,
  ]
}

function print({ json }: Options, value: object, rows: readonly (readonly string[])[]): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : formatTable(rows))
}
