import type { IncomingMessage, ServerResponse } from 'node:http'
import { threadId } from 'node:worker_threads'
import type { Outcome } from '../store/ledger-records.ts'
import { answeredAs, countAnswer, outcomeOf } from '../traffic/answered.ts'
import type { UnderWay } from '../traffic/any-traffic.ts'
import type { Subject, Tally, TallyCounters, TallyRow } from '../traffic/tally.ts'
import type { RequestFacts } from './environment.ts'

/** A request from its head to its end. */
export type Followed = {
  readonly id: number
  readonly outgoing: ServerResponse
  readonly facts: RequestFacts
  /** Whether the client has brought no login: it may have to ask again with one. */
  readonly isLoggingIn: boolean
  /** By a clock that is never set. */
  readonly startedAt: number
  countedBytes: number
}

/** What is under way for longer is told of. */
const shownAfterMs = 500
const mostShown = 100

/** Counts the pulls that are answered, and what has gone out of those that are being answered. */
export class RequestMeter {
  readonly #tally: Tally
  readonly #open = new Set<Followed>()
  #lastId = 0

  constructor(tally: Tally) {
    this.#tally = tally
    tally.sampleWith(() => this.#sample())
  }

  /** From its head on; it is to be ended. */
  follow(incoming: IncomingMessage, outgoing: ServerResponse, facts: RequestFacts): Followed {
    const followed = {
      id: ++this.#lastId,
      outgoing,
      facts,
      isLoggingIn: incoming.headers.authorization === undefined,
      startedAt: performance.now(),
      countedBytes: 0,
    }
    this.#open.add(followed)
    return followed
  }

  /** Its connection is done with it. */
  end(followed: Followed, ms: number): void {
    this.#open.delete(followed)
    const { asked } = followed.facts
    const counters = asked && this.#findCounters(followed)
    if (!counters) return
    countBytes(counters, followed)
    countEnd(counters, followed, ms)
  }

  /** What was answered from memory, with 200. */
  countWhole(outgoing: ServerResponse, facts: RequestFacts, ms: number): void {
    const { counters } = this.#rowOf(facts, answeredAs(facts.cache))
    counters.servedBytes += sentBytes(outgoing, facts)
    countEnd(counters, { outgoing, facts }, ms)
  }

  #sample(): readonly UnderWay[] {
    const now = performance.now()
    const shown: UnderWay[] = []
    for (const followed of this.#open) {
      const { facts, outgoing, startedAt } = followed
      if (facts.asked?.kind !== 'blob' || sentBytes(outgoing, facts) === 0) continue
      const counters = this.#findCounters(followed)
      if (counters) countBytes(counters, followed)
      if (now - startedAt >= shownAfterMs) shown.push(describe(followed))
    }
    return shown.sort((one, other) => other.writtenBytes - one.writtenBytes).slice(0, mostShown)
  }

  #findCounters({ facts, outgoing, isLoggingIn }: Followed): TallyCounters | undefined {
    const { cache } = facts
    const status = outgoing.headersSent ? outgoing.statusCode : undefined
    const outcome = outcomeOf(status, { cache, isLoggingIn })
    return outcome && this.#rowOf(facts, outcome).counters
  }

  #rowOf(facts: RequestFacts, outcome: Outcome): TallyRow {
    const { asked, client, who = '' } = facts
    const { generation } = this.#tally
    const row = asked?.counted?.generation === generation ? asked.counted.row : undefined
    if (row?.client === client && row.user === who && row.outcome === outcome) return row
    const found = this.#tally.rowOf({ ...subjectOf(facts), outcome })
    // It may have begun another.
    if (asked) asked.counted = { row: found, generation: this.#tally.generation }
    return found
  }
}

/**
 * An answer that streams is ended when all of it has left. One from memory that was ended and didn't finish was
 * handed over whole, and how much of it had left nobody can tell.
 */
export function sentBytes(outgoing: ServerResponse, { bytes, asked }: RequestFacts): number {
  const isUncertain = outgoing.writableEnded && !outgoing.writableFinished
  return isUncertain && asked?.sizeBytes === undefined ? 0 : bytes
}

/** Who has all that was announced may leave before we know: that broke nothing. */
export function isBroken(outgoing: ServerResponse, { bytes, asked }: RequestFacts): boolean {
  return !outgoing.writableFinished && bytes < (asked?.sizeBytes ?? Number.POSITIVE_INFINITY)
}

function countBytes(counters: TallyCounters, followed: Followed): void {
  const more = sentBytes(followed.outgoing, followed.facts) - followed.countedBytes
  if (more <= 0) return
  followed.countedBytes += more
  counters.servedBytes += more
}

function countEnd(
  counters: TallyCounters,
  { outgoing, facts }: Pick<Followed, 'outgoing' | 'facts'>,
  ms: number,
): void {
  if (!facts.asked) return
  const { kind, isPull = false } = facts.asked
  countAnswer(counters, { kind, isPull, ms, isBroken: isBroken(outgoing, facts) })
}

/** What is hosted is of no upstream. */
function subjectOf(facts: RequestFacts): Omit<Subject, 'outcome'> {
  const { client, who = '', cache, own, upstream = '', repository = '', reference = '' } = facts
  const isHosted = cache === 'hosted'
  return {
    client,
    user: who,
    upstream: isHosted ? '' : upstream,
    repository: isHosted ? (own ?? repository) : repository,
    tag: facts.asked?.kind === 'tag' ? reference : '',
  }
}

function describe({ id, startedAt, facts, countedBytes }: Followed): UnderWay {
  const { client, user, upstream, repository, tag } = subjectOf(facts)
  return {
    id: `${threadId}-${id}`,
    client,
    user,
    upstream,
    repository,
    tag,
    digest: facts.reference ?? '',
    cache: facts.cache ?? 'miss',
    startedAt: Math.round(Date.now() - (performance.now() - startedAt)),
    writtenBytes: countedBytes,
    sizeBytes: facts.asked?.sizeBytes,
  }
}
