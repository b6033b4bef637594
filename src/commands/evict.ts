import { formatBytes, parseShare } from '../config/units.ts'
import { CommandError } from './command-error.ts'
import { formatAgo } from './human-values.ts'
import { askServer } from './server-client.ts'
import type { ServerOptions } from './server-place.ts'
import { formatTable } from './table.ts'

type Options = ServerOptions & {
  readonly dryRun?: boolean
  readonly to?: string
  readonly json?: boolean
}

type Answer = {
  readonly images: readonly {
    readonly name: string
    readonly digest: string
    readonly tags: readonly string[]
    readonly lastPull: string
    readonly freedBytes: number
  }[]
  readonly count: number
  readonly orphans: number
  readonly freedBytes: number
  readonly sharedBytes: number
  readonly wantedBytes: number
}

const whatStays =
  "what else is kept was pushed here, is pinned, or was pulled within space.minAge, and the rest of the disk is others'"

/** `entrepot evict`: makes room now, by the rules that do it by themselves once the disk is fuller, or says what would go. */
export async function evict(options: Options): Promise<void> {
  const isDryRun = options.dryRun === true
  const to = options.to === undefined ? undefined : toShare(options.to)
  const body = { dryRun: isDryRun, ...(to === undefined ? {} : { to }) }
  const answer = (await askServer(options, 'POST', '/api/v1/evict', body)) as Answer
  process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : describe(answer, isDryRun))
}

function toShare(text: string): number {
  try {
    return parseShare(text)
  } catch {
    const what = `--to ${JSON.stringify(text)}: wanted a share of the disk such as 60%`
    throw new CommandError(what, { isUsage: true })
  }
}

function describe(answer: Answer, isDryRun: boolean): string {
  const { images, count, orphans, freedBytes } = answer
  if (count + orphans === 0 && freedBytes === 0) return `${describeNothing(answer, isDryRun)}\n`
  const now = Date.now()
  const rows = images.map(({ name, digest, tags, lastPull, freedBytes: bytes }) => [
    tags.length > 0 ? tags.map((tag) => `${name}:${tag}`).join(' ') : `${name}@${digest}`,
    formatAgo(lastPull, now),
    formatBytes(bytes),
  ])
  const table = rows.length === 0 ? '' : formatTable([['IMAGE', 'LAST PULL', 'FREES'], ...rows])
  const ofNone = orphans === 0 ? '' : ` and ${orphans} blobs of no image`
  const what = `${count === 1 ? '1 image' : `${count} images`}${ofNone}`
  const end = isDryRun
    ? `${what} would go, the one pulled least recently first; that frees ${formatBytes(freedBytes)}`
    : `${what} evicted, ${formatBytes(freedBytes)} freed`
  return `${table}${[end, ...describeRest(answer)].join('\n')}\n`
}

function describeNothing({ wantedBytes }: Answer, isDryRun: boolean): string {
  const what = isDryRun ? 'nothing would go' : 'nothing went'
  return wantedBytes === 0
    ? `${what}: the disk is as empty as that already`
    : `${what}, though ${formatBytes(wantedBytes)} should: ${whatStays}`
}

/** What somebody who counts on it should know. */
function describeRest({ freedBytes, sharedBytes, wantedBytes }: Answer): readonly string[] {
  const shared = `${formatBytes(sharedBytes)} of that stay on the disk: a backup, or a folder that was adopted, has the same files`
  const short = `that is less than the ${formatBytes(wantedBytes)} that should go: ${whatStays}`
  return [...(sharedBytes > 0 ? [shared] : []), ...(freedBytes < wantedBytes ? [short] : [])]
}
