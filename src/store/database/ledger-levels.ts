import type { LedgerDimension, LedgerQuery } from '../ledger-records.ts'

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
/** A multiple of days; months would be as good, but for their lengths. */
const blockHours = 28 * dayHours

const fullHour: LedgerLevel = { number: 1, hours: 1, hasParty: true, hasImage: true }
const fullDay: LedgerLevel = { number: 2, hours: dayHours, hasParty: true, hasImage: true }
export const upstreamHour: LedgerLevel = { number: 3, hours: 1, hasParty: false, hasImage: false }
const upstreamDay: LedgerLevel = { number: 4, hours: dayHours, hasParty: false, hasImage: false }
const partyBlock: LedgerLevel = { number: 5, hours: blockHours, hasParty: true, hasImage: false }
const imageBlock: LedgerLevel = { number: 6, hours: blockHours, hasParty: false, hasImage: true }

/** Of those that are as long, what has fewest rows stands first. */
const levels = [upstreamHour, fullHour, upstreamDay, fullDay, partyBlock, imageBlock] as const

export const ledgerLevels: readonly LedgerLevel[] = levels
/** Goes earlier than the others: its rows are by far the most for the time that they tell of. */
export const hourlyLevel: LedgerLevel = fullHour

export const startOfDay = (hour: number): number => floorTo(hour, dayHours)
export const startOfBlock = (hour: number): number => floorTo(hour, blockHours)
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

/** Which levels can answer a query, in the order in which they are to be asked: of each length one. */
export function chooseLevels({ by, where }: Pick<LedgerQuery, 'by' | 'where'>): LedgerLevel[] {
  const needs = (...names: readonly (LedgerDimension | 'tag')[]) =>
    names.some((name) => by.some((each) => each === name) || name in where)
  const needsParty = needs('client', 'user')
  const needsImage = needs('repository', 'image', 'tag')
  const able = levels.filter(
    ({ hasParty, hasImage }) => (hasParty || !needsParty) && (hasImage || !needsImage),
  )
  const chosen = able.filter(
    ({ hours }, at) => able.findIndex((each) => each.hours === hours) === at,
  )
  if (by.includes('hour')) return chosen.filter(({ hours }) => hours <= dayHours)
  return (by.includes('day') ? chosen.filter(({ hours }) => hours <= dayHours) : chosen).reverse()
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
  return level === fullHour ? Math.max(hoursSince, daysSince) : daysSince
}
