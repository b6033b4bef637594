import type { Price } from '../config/config.ts'
import type { LedgerDimension, LedgerSum, LedgerSums } from '../store/ledger-records.ts'
import type { OtherRows, Report, ReportRequest, ReportRow } from './any-reports.ts'
import { eachInTurns, mapInTurns } from './in-turns.ts'
import { nameOf } from './report-names.ts'
import { addToTally, createTally, mergeTally, type Tally, toFigures } from './report-tally.ts'
import { TotalsTally } from './report-totals.ts'

type Row = { readonly names: readonly string[]; readonly tally: Tally }

type Making = {
  readonly request: ReportRequest
  readonly price: Price | undefined
  /** Whether whoever asks may see it. */
  readonly isVisible: (sum: LedgerSum) => boolean
}

/** Can't be a name. */
const separator = '\0'

/** By which sums a report is made: each with its outcome, and with its upstream. */
export function dimensionsFor(
  by: readonly LedgerDimension[],
  options: { readonly withRepository: boolean },
): readonly LedgerDimension[] {
  const hasRepository = by.includes('image') || by.includes('repository')
  const source = options.withRepository ? 'repository' : 'upstream'
  return [...new Set([...by, ...(hasRepository ? [] : ([source] as const)), 'outcome'] as const)]
}

export async function makeReport(
  { since, until, sums }: LedgerSums,
  { request, price, isVisible }: Making,
): Promise<Report> {
  const { by, top } = request
  const rows = new Map<string, Row>()
  const totals = new TotalsTally()
  await eachInTurns(sums, (sum) => {
    const { outcome } = sum
    if (outcome === undefined || !isVisible(sum)) return
    totals.add(sum, outcome)
    addToTally(findRow(rows, by, sum).tally, outcome, sum.counters)
  })
  const told = [...rows.values()].filter(({ tally }) => saysSomething(tally))
  const { first, others } = await cut(told.sort(byServed), top)
  if (by.some(isTime)) first.sort(byTime(by))
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    by,
    rows: await mapInTurns(first, (row) => toReportRow(by, row)),
    others,
    totals: totals.toTotals(price),
  }
}

function isTime(dimension: LedgerDimension): boolean {
  return dimension === 'hour' || dimension === 'day'
}

function findRow(rows: Map<string, Row>, by: readonly LedgerDimension[], sum: LedgerSum): Row {
  const names = by.map((dimension) => nameOf(dimension, sum))
  const key = names.join(separator)
  const known = rows.get(key)
  if (known !== undefined) return known
  const row = { names, tally: createTally() }
  rows.set(key, row)
  return row
}

/** Upstream may have been asked about what nobody pulled, as when it is pushed here; nothing came of that. */
function saysSomething({ requests, servedBytes, fetchedBytes }: Tally): boolean {
  return requests > 0 || servedBytes > 0 || fetchedBytes > 0
}

/** The names decide where all else is the same, so that a report asked for twice is the same. */
function byServed(one: Row, other: Row): number {
  const served = other.tally.servedBytes - one.tally.servedBytes
  return served || other.tally.requests - one.tally.requests || compareNames(one, other)
}

/** What was served then decides among those of one time. */
function byTime(by: readonly LedgerDimension[]): (one: Row, other: Row) => number {
  const at = by.findIndex(isTime)
  return (one, other) => compare(one.names[at], other.names[at]) || byServed(one, other)
}

function compareNames(one: Row, other: Row): number {
  return compare(one.names.join(separator), other.names.join(separator))
}

function compare(one = '', other = ''): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

type Cut = { readonly first: Row[]; readonly others: OtherRows | undefined }

async function cut(rows: Row[], top: number): Promise<Cut> {
  const rest = rows.slice(top)
  if (rest.length === 0) return { first: rows, others: undefined }
  const tally = createTally()
  await eachInTurns(rest, (row) => mergeTally(tally, row.tally))
  return { first: rows.slice(0, top), others: { rows: rest.length, ...toFigures(tally) } }
}

function toReportRow(by: readonly LedgerDimension[], { names, tally }: Row): ReportRow {
  const named = Object.fromEntries(by.map((dimension, index) => [dimension, names[index] ?? '']))
  return { ...named, ...toFigures(tally) }
}
