import type { Counters, Outcome } from '../store/ledger-records.ts'
import { failedOutcomes } from '../store/ledger-records.ts'
import type { Figures } from './any-reports.ts'

/** What one row comes to. */
export type Tally = {
  -readonly [Name in Exclude<keyof Figures, 'savedBytes' | 'pullHitRatio' | 'byteHitRatio'>]: number
}

/** Where an answer's body came from; undefined of an error, which saves nothing and costs nothing. */
const bodies: Readonly<Partial<Record<Outcome, 'cached' | 'upstream' | 'hosted'>>> = {
  hit: 'cached',
  stale: 'cached',
  miss: 'upstream',
  pass: 'upstream',
  hosted: 'hosted',
}
const failed: ReadonlySet<Outcome> = new Set(failedOutcomes)

export function createTally(): Tally {
  return {
    requests: 0,
    errors: 0,
    broken: 0,
    pulls: 0,
    mirroredPulls: 0,
    cachedPulls: 0,
    servedBytes: 0,
    cachedBytes: 0,
    upstreamBytes: 0,
    hostedBytes: 0,
    fetchedBytes: 0,
  }
}

export function addToTally(tally: Tally, outcome: Outcome, counters: Counters): void {
  const requests = countRequests(counters)
  const { pulls, servedBytes } = counters
  const body = bodies[outcome]
  tally.requests += requests
  if (failed.has(outcome)) tally.errors += requests
  tally.broken += counters.broken
  tally.pulls += pulls
  tally.servedBytes += servedBytes
  tally.fetchedBytes += counters.fetchedBytes
  if (body === undefined) return
  tally[`${body}Bytes`] += servedBytes
  if (body !== 'hosted') tally.mirroredPulls += pulls
  if (body === 'cached') tally.cachedPulls += pulls
}

export function countRequests(counters: Counters): number {
  const { tagRequests, digestRequests, blobRequests, listRequests } = counters
  return tagRequests + digestRequests + blobRequests + listRequests
}

export function mergeTally(tally: Tally, other: Tally): void {
  for (const name of Object.keys(tally) as (keyof Tally)[]) tally[name] += other[name]
}

export function toFigures(tally: Tally): Figures {
  const mirroredBytes = tally.cachedBytes + tally.upstreamBytes
  return {
    ...tally,
    savedBytes: mirroredBytes - tally.fetchedBytes,
    ...ratio('pullHitRatio', tally.cachedPulls, tally.mirroredPulls),
    ...ratio('byteHitRatio', tally.cachedBytes, mirroredBytes),
  }
}

function ratio<Name extends string>(name: Name, part: number, whole: number) {
  return (whole > 0 ? { [name]: part / whole } : {}) as Partial<Record<Name, number>>
}
