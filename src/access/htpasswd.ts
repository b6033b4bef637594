import { isBcrypt } from './password-hash.ts'
import { refuseName } from './user-name.ts'

export const maxBytes = 1024 * 1024
const maxUsers = 10_000

/** By name. Of a name that stands there twice the first counts, as it does for Apache. */
export type Users = ReadonlyMap<string, string>

export type LineProblem = {
  /** From 1. */
  readonly line: number
  /** Undefined where the line names nobody. */
  readonly user: string | undefined
  readonly what: string
}

/** The text of a htpasswd file. `problems` tells of lines by which nobody can log in; the others count. */
export type Htpasswd = { readonly users: Users; readonly problems: readonly LineProblem[] }

/** A file of more than anybody can have meant to write. */
export class HtpasswdError extends Error {
  override readonly name = 'HtpasswdError'
  readonly code = 'ENTREPOT_HTPASSWD'
}

/** Throws HtpasswdError. */
export function parseHtpasswd(text: string): Htpasswd {
  const users = new Map<string, string>()
  const problems: LineProblem[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const entry = parseLine(line)
    if (entry === undefined) continue
    const what = findProblem(entry, users)
    if (what !== undefined) problems.push({ line: index + 1, user: entry.name, what })
    // Who has a hash of another kind is a user all the same, and no password is right.
    if (entry.name === undefined || refuseName(entry.name) !== undefined) continue
    if (!users.has(entry.name)) users.set(entry.name, entry.hash)
    if (users.size > maxUsers)
      throw new HtpasswdError(`more than ${maxUsers} users in the htpasswd file`)
  }
  return { users, problems }
}

/** With another password for the user, or with one more user. All other lines stay as they are. */
export function withUser(text: string, name: string, hash: string): string {
  const lines = linesOf(text)
  const index = lines.findIndex((line) => parseLine(line)?.name === name)
  const entry = `${name}:${hash}`
  return textOf(index < 0 ? [...lines, entry] : lines.with(index, entry))
}

/** Without any line of the user. */
export function withoutUser(text: string, name: string): string {
  return textOf(linesOf(text).filter((line) => parseLine(line)?.name !== name))
}

type Entry = { readonly name: string | undefined; readonly hash: string }

/** Undefined for a comment or nothing. */
function parseLine(line: string): Entry | undefined {
  const plain = line.trim()
  if (plain === '' || plain.startsWith('#')) return undefined
  const [name = '', hash] = plain.split(':')
  return hash === undefined ? { name: undefined, hash: '' } : { name, hash }
}

function findProblem({ name, hash }: Entry, users: Users): string | undefined {
  if (name === undefined) return 'it has no colon: wanted is NAME:HASH'
  const wrong = refuseName(name)
  if (wrong !== undefined) return wrong
  if (users.has(name)) return 'the name stands there already, and the first counts'
  if (isBcrypt(hash)) return undefined
  return `${kindOf(hash)}, by which nobody can log in: wanted is bcrypt, as "entrepot user add ${name}" or "htpasswd -B" writes it`
}

function kindOf(hash: string): string {
  if (hash === '') return 'the hash is missing'
  if (hash.startsWith('$apr1$')) return 'the hash is MD5 (apr1)'
  if (hash.startsWith('{SHA}')) return 'the hash is SHA-1'
  if (/^\$[56]\$/.test(hash)) return 'the hash is of crypt(3)'
  if (/^\$2[aby]\$/.test(hash)) return 'the hash is bcrypt, cut short or of a cost above 16'
  return 'the hash is of an unknown kind'
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
