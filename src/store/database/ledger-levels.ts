import type { LedgerQuery } from '../ledger-records.ts'

/**
 * At which levels the ledger is kept. What is counted is added to a row of each at once, so that nothing has to
 * be put together later, and a report over a long time reads few rows: it takes of each level what no coarser
 * one can tell. All times here are hours since 1970.
 */
export type LedgerLevel = {
  /** What stands in the database: a number is never given to another. */
  readonly number: number
  /** What one of its rows sums up. */
  readonly hours: number
  readonly hasParty: boolean
  /** Else an image stands for all of its upstream. */
  readonly hasImage: boolean
}

const dayHours = 24
const weekHours = 7 * dayHours
/** A quarter of a year, but always as long. */
const quarterHours = 13 * weekHours

const all = { hasParty: true, hasImage: true }
const ofParty = { hasParty: true, hasImage: false }
const ofImage = { hasParty: false, hasImage: true }
const ofUpstream = { hasParty: false, hasImage: false }

/** Goes earlier than the others: its rows are by far the most for the time that they tell of. */
export const hourlyLevel: LedgerLevel = { number: 1, hours: 1, ...all }
/** Tells soonest of when something was counted. */
export const upstreamLevel: LedgerLevel = { number: 3, hours: 1, ...ofUpstream }

/** The finest first; of those that are as long, what has fewest rows. */
export const ledgerLevels: readonly LedgerLevel[] = [
  upstreamLevel,
  hourlyLevel,
  { number: 4, hours: dayHours, ...ofUpstream },
  { number: 2, hours: dayHours, ...all },
  { number: 5, hours: weekHours, ...ofParty },
  { number: 6, hours: weekHours, ...ofImage },
  { number: 7, hours: quarterHours, ...ofParty },
  { number: 8, hours: quarterHours, ...ofImage },
]

export const startOfDay = (hour: number): number => floorTo(hour, dayHours)
/** Of what the coarsest levels have one row for. */
export const startOfQuarter = (hour: number): number => floorTo(hour, quarterHours)
export const floorTo = (hour: number, hours: number): number => Math.floor(hour / hours) * hours
const ceilTo = (hour: number, hours: number): number => Math.ceil(hour / hours) * hours

/** `to` isn't part of it, and may be Infinity. */
export type HourRange = { readonly from: number; readonly to: number }
export type LevelRange = HourRange & { readonly level: LedgerLevel }

/** What is there, a day's first hour each. */
export type KnownHours = {
  /** Since when the level of hours tells all. */
  readonly hoursSince: number
  /** And since when the others do. */
  readonly daysSince: number
}

/** Which levels can answer a query, of each length one, in the order in which they are to be asked. */
export function chooseLevels({ by, where }: Pick<LedgerQuery, 'by' | 'where'>): LedgerLevel[] {
  const filters: readonly string[] = Object.keys(where)
  const needs = (...names: readonly string[]) =>
    names.some((name) => by.some((each) => each === name) || filters.includes(name))
  const needsParty = needs('client', 'user')
  const needsImage = needs('repository', 'image', 'tag')
  const chosen: LedgerLevel[] = []
  for (const level of ledgerLevels) {
    const { hours, hasParty, hasImage } = level
    if ((needsParty && !hasParty) || (needsImage && !hasImage)) continue
    const finer = chosen.at(-1)
    // One that splits up what a finer one doesn't may well have more rows for the same time.
    const isLeaner = !finer || ((!hasParty || finer.hasParty) && (!hasImage || finer.hasImage))
    if (isLeaner && hours !== finer?.hours) chosen.push(level)
  }
  const upToDays = chosen.filter(({ hours }) => hours <= dayHours)
  if (by.includes('hour')) return upToDays
  return (by.includes('day') ? upToDays : chosen).reverse()
}

/** The hours that a query's answer is of: those of days that are known by their day only are whole days. */
export function widen(
  { from, to }: HourRange,
  chosen: readonly LedgerLevel[],
  known: KnownHours,
): HourRange {
  const finest = chosen.find(({ hours }) => hours === 1)
  const isByDay = (hour: number) => finest !== undefined && hour < sinceOf(finest, known)
  return {
    from: isByDay(from) ? startOfDay(from) : from,
    to: isByDay(to - 1) ? ceilTo(to, dayHours) : to,
  }
}

/** Each hour of the range once: what the first level can tell of it is asked of it, and the rest of the others. */
export function cover(
  { from, to }: HourRange,
  [level, ...others]: readonly LedgerLevel[],
  known: KnownHours,
): LevelRange[] {
  if (!level || from >= to) return []
  const start = Math.max(ceilTo(from, level.hours), ceilTo(sinceOf(level, known), level.hours))
  const end = floorTo(to, level.hours)
  if (start >= end) return cover({ from, to }, others, known)
  return [
    ...cover({ from, to: start }, others, known),
    { level, from: start, to: end },
    ...cover({ from: end, to }, others, known),
  ]
}

function sinceOf(level: LedgerLevel, { hoursSince, daysSince }: KnownHours): number {
  return level === hourlyLevel ? Math.max(hoursSince, daysSince) : daysSince
}
