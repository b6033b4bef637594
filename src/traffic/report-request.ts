import { parsePastTime } from '../config/past-time.ts'
import { ValueError } from '../config/value-error.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import {
  type LedgerDimension,
  type LedgerQuery,
  ledgerDimensions,
  outcomes,
} from '../store/ledger-records.ts'
import type { ReportRequest } from './any-reports.ts'
import { nameless } from './report-names.ts'

type Where = LedgerQuery['where']

type Reading = {
  readonly now: number
  /** What a filter by repository or image means. Throws RegistryError. */
  readonly findImage: (kind: 'repository' | 'image', name: string) => Where
}

/** Rows of one report, so that it is written in one go. */
const mostRows = 10_000
/** Values of one filter. */
const mostValues = 100
const usualSince = '7d'
const single = ['by', 'since', 'until', 'top', 'repository', 'image', 'format'] as const
const repeated = ['client', 'user', 'upstream', 'outcome'] as const
/** As it was called in the beginning. */
const otherNames: Readonly<Record<string, LedgerDimension>> = { status: 'outcome' }

/**
 * Reads what is asked for in a URL's query. Throws RegistryError, as 400, for what can't be read, and for a name
 * that isn't known: a filter that is misspelt would give a report of everything.
 */
export function readReportRequest(query: URLSearchParams, reading: Reading): ReportRequest {
  refuseOthers(query)
  const since = readTime('since', query.get('since') ?? usualSince, reading.now)
  const untilText = query.get('until')
  const until = untilText === null ? reading.now : readTime('until', untilText, reading.now)
  if (since >= until) {
    const [from, to] = [since, until].map((at) => new Date(at).toISOString())
    throw refused(`the report would begin ${from} and end ${to}: wanted since before until`)
  }
  return {
    by: readDimensions(query.get('by') ?? 'image'),
    since,
    until,
    where: readWhere(query, reading),
    top: readTop(query.get('top')),
  }
}

function refuseOthers(query: URLSearchParams): void {
  const known: readonly string[] = [...single, ...repeated]
  const other = [...query.keys()].find((name) => !known.includes(name))
  if (other !== undefined)
    throw refused(`a report takes no ${quote(other, 40)}: wanted some of ${known.join(', ')}`)
  const twice = single.find((name) => query.getAll(name).length > 1)
  if (twice !== undefined) throw refused(`${twice}= is there more than once: wanted it once`)
}

function readDimensions(text: string): readonly LedgerDimension[] {
  const by = text.split(',').map((word) => readDimension(word.trim()))
  if (by.includes('hour') && by.includes('day'))
    throw refused('by=hour,day: a row is of an hour or of a day: wanted one of them')
  return [...new Set(by)]
}

function readDimension(word: string): LedgerDimension {
  const dimension = otherNames[word] ?? ledgerDimensions.find((known) => known === word)
  if (dimension !== undefined) return dimension
  const wanted = ledgerDimensions.join(', ')
  throw refused(`by=${quote(word, 40)}: wanted one or more of ${wanted}, with commas between them`)
}

function readTime(name: string, text: string, now: number): number {
  try {
    return parsePastTime(text, now)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    throw refused(`${name}=${quote(text, 40)} is no time: wanted ${error.wanted}`)
  }
}

function readTop(text: string | null): number {
  if (text === null || text === '0') return mostRows
  if (/^\d{1,5}$/.test(text) && Number(text) <= mostRows) return Number(text)
  throw refused(`top=${quote(text, 20)}: wanted how many rows, 1 to ${mostRows}, or 0 for all`)
}

function readWhere(query: URLSearchParams, { findImage }: Reading): Where {
  const outcome = readValues(query, 'outcome')?.map(readOutcome)
  const where: Where = {
    ...present('client', withNameless('client', readValues(query, 'client'))),
    ...present('user', withNameless('user', readValues(query, 'user'))),
    ...present('upstream', withNameless('upstream', readValues(query, 'upstream'))),
    ...present('outcome', outcome),
  }
  const kinds = (['repository', 'image'] as const).filter((name) => query.get(name) !== null)
  const [kind] = kinds
  if (kind === undefined) return where
  if (kinds.length > 1 || where.upstream !== undefined)
    throw refused(
      'an image names its repository and its upstream: wanted one of image=, repository= and upstream=',
    )
  return { ...where, ...findImage(kind, query.get(kind) ?? '') }
}

function readValues(
  query: URLSearchParams,
  name: (typeof repeated)[number],
): readonly string[] | undefined {
  const values = query.getAll(name)
  if (values.length > mostValues)
    throw refused(`${name}= is there ${values.length} times: wanted at most ${mostValues}`)
  if (values.includes('')) throw refused(`${name}= is empty: wanted a name, or no ${name}= for all`)
  return values.length === 0 ? undefined : values
}

function withNameless(name: keyof typeof nameless, values: readonly string[] | undefined) {
  return values?.includes(nameless[name]) ? [...values, ''] : values
}

function readOutcome(text: string) {
  const outcome = outcomes.find((known) => known === text)
  if (outcome !== undefined) return outcome
  throw refused(`outcome=${quote(text, 40)}: wanted one of ${outcomes.join(', ')}`)
}

function present<Name extends string, Value>(name: Name, value: Value | undefined) {
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Value>>
}

function refused(what: string): RegistryError {
  return new RegistryError('UNSUPPORTED', what, { status: 400 })
}
