import type { Context } from 'hono'
import type { RetentionRule } from '../config/config.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import type { Environment } from './environment.ts'

type Fields = Readonly<Record<string, unknown>>

const mostRules = 100

/** The request's body. Throws RegistryError where it is no JSON object. */
export async function readObject(c: Context<Environment>): Promise<Fields> {
  return asObject(parse(await c.req.text()), 'the body')
}

export function readText(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value === 'string' && value !== '') return value
  throw wanted(`"${name}": a text`, value)
}

/** Rules of retention, each with its repositories and with at least one of keepLast and maxAgeMs. */
export function readRules(value: unknown): readonly RetentionRule[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > mostRules)
    throw wanted(`"rules": 1 to ${mostRules} of them`, value)
  return value.map((rule) => readRule(asObject(rule, 'a rule')))
}

function readRule(fields: Fields): RetentionRule {
  const { repositories } = fields
  const isList =
    Array.isArray(repositories) && repositories.every((glob) => typeof glob === 'string')
  if (!isList) throw wanted('"repositories": a list of patterns', repositories)
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

function readPattern(value: unknown): string | undefined {
  if (value === undefined) return undefined
  try {
    if (typeof value === 'string') return new RegExp(value, 'u').source
  } catch {
    // It is no pattern, as anything else is none.
  }
  throw wanted('"tags": a regular expression', value)
}

function asObject(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw wanted(`as ${what} a JSON object`, value)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function wanted(what: string, found: unknown): RegistryError {
  const text = found === undefined ? 'nothing' : quote(JSON.stringify(found))
  return new RegistryError('MANIFEST_INVALID', `wanted ${what}; found ${text}`)
}
