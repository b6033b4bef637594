import type { IncomingMessage, ServerResponse } from 'node:http'
import { threadId } from 'node:worker_threads'
import { countAnswer, outcomeOf } from '../traffic/answered.ts'
import type { UnderWay } from '../traffic/any-traffic.ts'
import { count, type Subject, type Tally, type TallyCounters } from '../traffic/tally.ts'
import type { RequestFacts } from './environment.ts'

/** A request from its head to its end. */
export type Metered = {
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
  readonly #open = new Set<Metered>()
  #lastId = 0

  constructor(tally: Tally) {
    this.#tally = tally
    tally.sampleWith(() => this.#sample())
  }

  begin(incoming: IncomingMessage, outgoing: ServerResponse, facts: RequestFacts): Metered {
    const isLoggingIn = incoming.headers.authorization === undefined
    const metered = {
      id: ++this.#lastId,
      outgoing,
      facts,
      isLoggingIn,
      startedAt: performance.now(),
      countedBytes: 0,
    }
    // What is known beforehand is answered from memory: there is nothing to be seen of it under way.
    if (!facts.asked) this.#open.add(metered)
    return metered
  }

  /** Its connection is done with it. Gives how long it took. */
  end(metered: Metered): number {
    const { facts, outgoing, startedAt } = metered
    this.#open.delete(metered)
    const ms = performance.now() - startedAt
    const counters = facts.asked && this.#countersOf(metered)
    if (!facts.asked || !counters) return ms
    countBytes(counters, metered)
    const { kind, isPull = false } = facts.asked
    countAnswer(counters, { kind, isPull, ms, isBroken: isBroken(outgoing, facts) })
    return ms
  }

  #sample(): readonly UnderWay[] {
    const now = performance.now()
    const shown: UnderWay[] = []
    for (const metered of this.#open) {
      const { facts, startedAt, countedBytes } = metered
      if (facts.asked?.kind !== 'blob' || sentBytes(metered.outgoing, facts) === 0) continue
      if (facts.bytes > countedBytes) countBytes(this.#countersOf(metered) ?? {}, metered)
      if (now - startedAt >= shownAfterMs) shown.push(describe(metered))
    }
    return shown.sort((one, other) => other.writtenBytes - one.writtenBytes).slice(0, mostShown)
  }

  #countersOf({ facts, outgoing, isLoggingIn }: Metered): TallyCounters | undefined {
    const { cache } = facts
    const status = outgoing.headersSent ? outgoing.statusCode : undefined
    const outcome = outcomeOf(status, { cache, isLoggingIn })
    return outcome && this.#tally.countersOf({ ...subjectOf(facts), outcome })
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

function countBytes(counters: TallyCounters, metered: Metered): void {
  const more = sentBytes(metered.outgoing, metered.facts) - metered.countedBytes
  if (more <= 0) return
  metered.countedBytes += more
  count(counters, 'servedBytes', more)
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

function describe({ id, startedAt, facts, countedBytes }: Metered): UnderWay {
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
