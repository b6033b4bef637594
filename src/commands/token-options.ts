import { refuseName } from '../access/user-name.ts'
import { parseGlob } from '../config/plain-values.ts'
import { parseDuration } from '../config/units.ts'
import { ValueError } from '../config/value-error.ts'
import type { NewToken, TokenAction } from '../store/access-records.ts'
import { CommandError } from './command-error.ts'

export type TokenOptions = {
  readonly name: string
  readonly user?: string
  /** With commas. */
  readonly may?: string
  readonly repositories?: readonly string[]
  readonly expires?: string
}

type Said = Omit<NewToken, 'id' | 'secretHash' | 'createdAt'>

const actions: readonly TokenAction[] = ['pull', 'push', 'delete', 'admin']
/** What Date can hold. */
const lastTime = 8.64e15

/** What the command line says of a new token. Throws CommandError. */
export function parseTokenOptions(options: TokenOptions, now: number): Said {
  const { name, user } = options
  const wrong = refuseName(name)
  if (wrong !== undefined) throw usage(`--name ${wrong}`)
  const may = options.may === undefined ? undefined : parseMay(options.may)
  const repositories = options.repositories?.map((glob) =>
    parseAs('--repositories', parseGlob, glob),
  )
  if (user === undefined && may === undefined && repositories !== undefined)
    throw usage('--repositories says where --may counts: name --may too, such as --may pull,push')
  const expiresAt = options.expires === undefined ? undefined : parseEnd(options.expires, now)
  const kind = user === undefined ? 'robot' : 'personal'
  return { name, kind, user, may, repositories, expiresAt }
}

function parseMay(text: string): readonly TokenAction[] {
  const parts = text.split(',').map((part) => part.trim())
  const unknown = parts.find((part) => !actions.some((action) => action === part))
  if (unknown === undefined) return actions.filter((action) => parts.includes(action))
  const what = `--may ${JSON.stringify(text)} holds ${JSON.stringify(unknown)}`
  throw usage(`${what}: wanted ${actions.join(', ')}, with commas between them`)
}

function parseEnd(text: string, now: number): number {
  const durationMs = parseAs('--expires', parseDuration, text)
  const endsAt = now + durationMs
  if (durationMs > 0 && endsAt <= lastTime) return endsAt
  throw usage(`--expires ${JSON.stringify(text)}: wanted a duration above 0 such as 90d`)
}

function parseAs<T>(option: string, parse: (value: unknown) => T, text: string): T {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    throw usage(`${option} ${JSON.stringify(text)}: wanted ${error.wanted}`)
  }
}

function usage(what: string): CommandError {
  return new CommandError(what, { isUsage: true })
}
