import { formatBytes, parseDuration } from '../config/units.ts'
import { CommandError } from './command-error.ts'
import { askServer } from './server-client.ts'
import type { ServerOptions } from './server-place.ts'

type Options = ServerOptions & {
  readonly repositories?: readonly string[]
  readonly tags?: string
  readonly keepLast?: string
  readonly maxAge?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

type Answer = {
  /** How many counted. */
  readonly rules: number
  readonly removed: readonly {
    readonly repository: string
    readonly digest: string
    readonly tags: readonly string[]
    readonly pushedAt: number
  }[]
  /** Missing after a dry run. */
  readonly freed?: { readonly blobs: number; readonly bytes: number }
}

/** `entrepot prune`: removes old pushes by a rule of the command line, or by those of mirrors.yaml, and frees what they leave. */
export async function prune(options: Options): Promise<void> {
  const rule = await toRule(options)
  const body = { dryRun: options.dryRun === true, ...(rule && { rules: [rule] }) }
  const answer = (await askServer(options, 'POST', '/api/v1/prune', body)) as Answer
  process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : describe(answer))
}

const removesAll =
  '--keep-last 0 alone would remove every image: wanted --max-age or --tags beside it, or "entrepot rm --repository" for all of one'

/** Undefined without any: the configured rules count then. */
async function toRule({ repositories, tags, keepLast, maxAge }: Options) {
  const isAny = [repositories, tags, keepLast, maxAge].some((value) => value !== undefined)
  if (!isAny) return undefined
  if (keepLast === undefined && maxAge === undefined)
    throw usage('wanted --keep-last, --max-age or both: what stays')
  if (Number(keepLast) === 0 && maxAge === undefined && tags === undefined) throw usage(removesAll)
  return {
    repositories: repositories ?? ['**'],
    tags: tags === undefined ? undefined : await readPattern(tags),
    keepLast: keepLast === undefined ? undefined : toCount(keepLast),
    maxAgeMs: maxAge === undefined ? undefined : toDuration(maxAge),
  }
}

async function readPattern(text: string): Promise<string> {
  const { parseTagPattern, wantedTagPattern } = await import('../oci/tag-pattern.ts')
  if (parseTagPattern(text)) return text
  throw usage(`--tags ${JSON.stringify(text)}: wanted ${wantedTagPattern}`)
}

function toCount(text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text)
  throw usage(`--keep-last ${JSON.stringify(text)}: wanted a number such as 5`)
}

function toDuration(text: string): number {
  try {
    return parseDuration(text)
  } catch {
    throw usage(`--max-age ${JSON.stringify(text)}: wanted a time such as 30d or 12h`)
  }
}

function usage(what: string): CommandError {
  return new CommandError(what, { isUsage: true })
}

function describe({ rules, removed, freed }: Answer): string {
  if (rules === 0) return describeNoRules(freed)
  const lines = removed.map(({ repository, digest, tags, pushedAt }) => {
    const names =
      tags.length > 0 ? tags.map((tag) => `${repository}:${tag}`) : [`${repository}@${digest}`]
    return `${names.join(' ')}  pushed ${new Date(pushedAt).toISOString()}\n`
  })
  const count = removed.length === 1 ? '1 image' : `${removed.length} images`
  const end = freed ? `${count} removed, ${describeFreed(freed)}` : `${count} would be removed`
  return `${lines.join('')}${end}\n`
}

function describeNoRules(freed: Answer['freed']): string {
  const what =
    'mirrors.yaml has no rules under hosted.retention, and so no image is removed: add one there, or give --keep-last, --max-age or both'
  return freed ? `${what}\n${describeFreed(freed)}\n` : `${what}\n`
}

function describeFreed({ bytes, blobs }: NonNullable<Answer['freed']>): string {
  return `${formatBytes(bytes)} in ${blobs === 1 ? '1 blob' : `${blobs} blobs`} freed`
}
