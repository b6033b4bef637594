import { parsePastTime } from '../config/past-time.ts'
import { ValueError } from '../config/value-error.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import {
  type AuditQuery,
  auditActions,
  auditResults,
  type NewestPage,
} from '../store/audit-records.ts'

export type AuditQuestion = { readonly query: AuditQuery; readonly page: Required<NewestPage> }

const known = [
  'who',
  'what',
  'from',
  'repository',
  'result',
  'since',
  'until',
  'before',
  'limit',
] as const
type Known = (typeof known)[number]

const usualLimit = 50
const highestLimit = 500
/** No name of an image is longer. */
const longest = 300

/**
 * Reads what is asked of the audit in a URL's query. Throws RegistryError, as 400, for what can't be read, and for
 * a name that isn't known: a filter that is misspelt would show everything.
 */
export function readAuditQuestion(search: URLSearchParams, now: number): AuditQuestion {
  const other = [...search.keys()].find((name) => !known.some((each) => each === name))
  if (other !== undefined)
    throw refused(`the audit takes no ${quote(other, 40)}: wanted some of ${known.join(', ')}`)
  const text = (name: Known) => readText(search, name)
  const time = (name: Known) => readAs(name, text(name), (value) => parsePastTime(value, now))
  const result = text('result')
  return {
    query: {
      who: text('who'),
      from: text('from'),
      repository: text('repository'),
      what: text('what')
        ?.split(',')
        .map((each) => readOneOf('what', each, auditActions)),
      result: result === undefined ? undefined : readOneOf('result', result, auditResults),
      since: time('since'),
      until: time('until'),
    },
    page: {
      before: readNumber('before', text('before'), Number.MAX_SAFE_INTEGER),
      limit: Math.min(readNumber('limit', text('limit'), usualLimit), highestLimit),
    },
  }
}

/** A field that was left empty asks for all. */
function readText(search: URLSearchParams, name: Known): string | undefined {
  const value = search.get(name) ?? ''
  if (value.length > longest)
    throw refused(`${name}=${quote(value, 40)}: wanted at most ${longest} characters`)
  return value === '' ? undefined : value
}

function readAs<T>(name: Known, text: string | undefined, parse: (value: string) => T) {
  if (text === undefined) return undefined
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    throw refused(`${name}=${quote(text, 40)}: wanted ${error.wanted}`)
  }
}

function readOneOf<T extends string>(name: Known, text: string, choices: readonly T[]): T {
  const found = choices.find((each) => each === text)
  if (found !== undefined) return found
  throw refused(`${name}=${quote(text, 40)}: wanted one of ${choices.join(', ')}`)
}

function readNumber(name: Known, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw refused(`${name}=${quote(text, 20)}: wanted a number such as 50`)
}

function refused(what: string): RegistryError {
  return new RegistryError('UNSUPPORTED', what, { status: 400 })
}
