import { parseGlob } from '../config/plain-values.ts'
import { parseDuration } from '../config/units.ts'
import { ValueError } from '../config/value-error.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import type { NewToken, TokenAction } from '../store/access-records.ts'
import { refuseName } from './user-name.ts'

/** A token as somebody asks for it. */
export type WantedToken = {
  readonly name: string
  /** For whom it is to act; without one it stands for itself. */
  readonly user?: string | undefined
  readonly may?: readonly string[] | undefined
  readonly repositories?: readonly string[] | undefined
  /** How long it is to be good, such as `90d`. */
  readonly expires?: string | undefined
}

export type SaidToken = Omit<NewToken, 'id' | 'secretHash' | 'createdAt'>

const actions: readonly TokenAction[] = ['pull', 'push', 'delete', 'admin']
const mostRepositories = 50
const longestGlob = 300
/** What Date can hold. */
const lastTime = 8.64e15

/** Throws RegistryError NAME_INVALID; what it says begins with the name of what is wrong. */
export function readNewToken(wanted: WantedToken, now: number): SaidToken {
  const { name, user } = wanted
  const wrong = refuseName(name)
  if (wrong !== undefined) throw invalid(`name ${wrong}`)
  const may = wanted.may && readMay(wanted.may)
  const repositories = wanted.repositories && readRepositories(wanted.repositories)
  if (user === undefined && may === undefined && repositories !== undefined)
    throw invalid('repositories says where may counts: say may too, such as pull,push')
  const expiresAt = wanted.expires === undefined ? undefined : readEnd(wanted.expires, now)
  const kind = user === undefined ? 'robot' : 'personal'
  return { name, kind, user, may, repositories, expiresAt }
}

/** For the audit, and for whoever made it: `for alice, may pull,push in team/**`. */
export function describeRights({ user, may, repositories }: SaidToken): string {
  const whose = user === undefined ? 'for itself' : `for ${user}`
  return `${whose}, may ${may?.join(',') ?? 'as rules say'} in ${repositories?.join(' ') ?? '**'}`
}

function readMay(parts: readonly string[]): readonly TokenAction[] {
  const unknown = parts.find((part) => !actions.some((action) => action === part))
  const what = `may ${quote(parts.join(','))}`
  if (unknown !== undefined)
    throw invalid(`${what} holds ${quote(unknown)}: wanted ${actions.join(', ')}`)
  if (parts.length === 0) throw invalid(`${what} is nothing: wanted some of ${actions.join(', ')}`)
  return actions.filter((action) => parts.includes(action))
}

function readRepositories(globs: readonly string[]): readonly string[] {
  if (globs.length === 0 || globs.length > mostRepositories)
    throw invalid(`repositories has ${globs.length} patterns: wanted 1 to ${mostRepositories}`)
  const long = globs.find((glob) => glob.length > longestGlob)
  if (long !== undefined)
    throw invalid(`repositories ${quote(long)}: wanted at most ${longestGlob} characters`)
  return globs.map((glob) => readAs('repositories', parseGlob, glob))
}

function readEnd(text: string, now: number): number {
  const durationMs = readAs('expires', parseDuration, text)
  const endsAt = now + durationMs
  if (durationMs > 0 && endsAt <= lastTime) return endsAt
  throw invalid(`expires ${quote(text)}: wanted a duration above 0 such as 90d`)
}

function readAs<T>(field: string, parse: (value: unknown) => T, text: string): T {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    throw invalid(`${field} ${quote(text)}: wanted ${error.wanted}`)
  }
}

function invalid(what: string): RegistryError {
  return new RegistryError('NAME_INVALID', what)
}
