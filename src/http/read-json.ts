import type { RetentionRule } from '../config/config.ts'
import { exceeds } from '../oci/json-size.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import type { RequestContext } from './environment.ts'
import { readBody } from './whole-body.ts'

type Fields = Readonly<Record<string, unknown>>

const mostRules = 100
/** What is deeper could be read, and not be repeated in a message. */
const most = { depth: 20, count: Number.POSITIVE_INFINITY, parts: Number.POSITIVE_INFINITY }
const ruleFields = ['repositories', 'tags', 'keepLast', 'maxAgeMs']

/** The request's body, in text. Throws RegistryError as 413 where it is longer. */
export async function readShort({ env }: RequestContext, maxBytes: number): Promise<string> {
  const tooLarge = () =>
    new RegistryError('MANIFEST_INVALID', `at most ${maxBytes} bytes are read`, { status: 413 })
  return (await readBody(env.incoming, { maxBytes, tooLarge })).toString()
}

/**
 * A text in JSON. Throws RegistryError where it is no object, and for a field of another name: what
 * takes away must not do so because `dryRun` was misspelt.
 */
export function readObject(text: string, known: readonly string[]): Fields {
  return asObject(parse(text), 'the body', known)
}

export function readFlag(fields: Fields, name: string): boolean {
  const { [name]: value = false } = fields
  if (typeof value === 'boolean') return value
  throw wanted(`"${name}": true or false`, value)
}

export function readText(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value === 'string' && value !== '') return value
  throw wanted(`"${name}": a text`, value)
}

export function readTexts(fields: Fields, name: string): readonly string[] {
  const { [name]: value } = fields
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'string')
  if (isList) return value
  throw wanted(`"${name}": a list of texts`, value)
}

/** Rules of retention, each with its repositories and with at least one of keepLast and maxAgeMs. */
export function readRules(value: unknown): readonly RetentionRule[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > mostRules)
    throw wanted(`"rules": 1 to ${mostRules} of them`, value)
  return value.map((rule) => readRule(asObject(rule, 'a rule', ruleFields)))
}

function readRule(fields: Fields): RetentionRule {
  const { repositories } = fields
  const isList =
    Array.isArray(repositories) && repositories.every((glob) => typeof glob === 'string')
  if (!isList) throw wanted('"repositories": a list of patterns', repositories)
  // As in mirrors.yaml: it would name all that it is meant to take out of the others.
  const negated = repositories.find((glob) => /^\s*!(?!\()/.test(glob))
  if (negated !== undefined) throw wanted('patterns without "!" in front', negated)
  const [keepLast, maxAgeMs] = [readCount(fields, 'keepLast'), readCount(fields, 'maxAgeMs')]
  if (keepLast === undefined && maxAgeMs === undefined)
    throw wanted('"keepLast", "maxAgeMs" or both', undefined)
  return { repositories, tags: readPattern(fields.tags), keepLast, maxAgeMs }
}

function readCount(fields: Fields, name: string): number | undefined {
  const value = fields[name]
  if (value === undefined) return undefined
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value)
  throw wanted(`"${name}": a whole number`, value)
}

/** Whether it is a regular expression, `prune` says. */
function readPattern(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw wanted('"tags": a regular expression', value)
}

function asObject(value: unknown, what: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wanted(`as ${what} a JSON object`, value)
  const other = Object.keys(value).find((name) => !known.includes(name))
  if (other !== undefined) throw wanted(`in ${what} only ${known.join(', ')}`, other)
  return value as Fields
}

function parse(text: string): unknown {
  if (exceeds(Buffer.from(text), most))
    throw wanted(`as the body what is nested at most ${most.depth} deep`, text)
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function wanted(what: string, found: unknown): RegistryError {
  const text = typeof found === 'string' ? quote(found) : JSON.stringify(found)?.slice(0, 80)
  return new RegistryError('MANIFEST_INVALID', `wanted ${what}; found ${text ?? 'nothing'}`)
}
