import type { IncomingMessage, ServerResponse } from 'node:http'
import { LRUCache } from 'lru-cache'
import { anonymous, type Caller, formatCaller } from '../access/caller.ts'
import type { AnyMirror, Served } from '../mirror/any-mirror.ts'
import type { Lease } from '../mirror/lease.ts'
import { ownSource, type Source } from '../oci/source.ts'
import type { Authentication } from './authentication.ts'
import type { Asking, RequestFacts } from './environment.ts'
import { harmlessHeaders } from './harmless.ts'
import type { TrustedProxies } from './outside.ts'
import type { RequestLog } from './request-log.ts'
import { isStillSending } from './unread-body.ts'

type Settings = {
  readonly mirror: Pick<AnyMirror, 'noteServed' | 'generation'>
  readonly maxBytes: number
  readonly log: RequestLog
  readonly proxies: TrustedProxies
  readonly authentication: Authentication
  readonly now: () => number
}

/** A 200 that is whole in memory. */
export type WholeAnswer = {
  /** Those of the answer to GET, Content-Length too. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly facts: Readonly<RequestFacts>
  readonly served: Served
}

/** Of a request, what is the same for all that ask for the same. */
type HotFacts = Omit<RequestFacts, 'client' | 'who' | 'bytes'>

/** Who may be told what is kept. */
export type Audience = {
  /** Then nobody is asked who they are. */
  readonly isView: boolean
  /** Whether the caller may have what was found at `answered`. */
  readonly isFor: (caller: Caller, answered: Source) => boolean
}

export type KeepHot = (target: string, lease: Lease, answer: WholeAnswer) => void

type HotAnswer = Audience & {
  readonly lease: Lease
  /** Names and values in turn, as Node writes them fastest. */
  readonly headers: string[]
  /** One character a byte, so that Node sends head and body in one piece. */
  readonly body: string
  readonly facts: HotFacts
  readonly served: Served
  /** Where it was found: of a name that may be hosted or mirrored, one of the two. */
  readonly answered: Source
  servedAt: number
}

/** Larger bodies gain nothing: there the bytes cost more than the way to them. */
export const maxHotBytes = 64 * 1024
/** For all ports and threads together. */
export const allHotBytes = 32 * 1024 * 1024
const maxUrlLength = 1024
/** Access times needn't be finer. */
const noteEveryMs = 1_000

/**
 * Answers that may be given again as they are, by request target: what most requests ask for, given
 * without a parser, a promise or a look at anything else. What isn't plain goes the long way.
 */
export class HotAnswers {
  readonly #settings: Settings
  readonly #answers: LRUCache<string, HotAnswer>

  constructor(settings: Settings) {
    this.#settings = settings
    this.#answers = new LRUCache({
      maxSize: settings.maxBytes,
      sizeCalculation: ({ body }, url) => body.length + url.length + 1024,
    })
  }

  /**
   * For the request that is being answered: keeps what GET of its target is answered with, to be said
   * again for as long as the lease holds; but not once the configuration has changed by which the
   * request was let in.
   */
  keeper(audience: Audience): KeepHot {
    const { mirror } = this.#settings
    const { generation } = mirror
    return (target, lease, answer) => {
      if (mirror.generation === generation) this.#keep(target, lease, { ...answer, ...audience })
    }
  }

  #keep(target: string, lease: Lease, answer: WholeAnswer & Audience): void {
    const { headers, body, served, isView, isFor } = answer
    const { who: _, client: __, bytes: ___, ...facts } = answer.facts
    if (body.length > maxHotBytes || target.length > maxUrlLength) return
    this.#answers.set(target, {
      lease,
      // Set one by one before each answer, they would cost it the fast way.
      headers: Object.entries({ ...harmlessHeaders, ...headers }).flat(),
      body: Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1'),
      facts,
      served,
      isView,
      isFor,
      answered: answeredFrom(served.source, facts),
      servedAt: Number.NEGATIVE_INFINITY,
    })
  }

  /** Whether it has answered the request. */
  answer(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    const { url = '', method } = incoming
    const isHead = method === 'HEAD'
    if (!isHead && method !== 'GET') return false
    const answer = this.#answers.get(url)
    if (!answer || !isPlain(incoming)) return false
    const now = this.#settings.now()
    if (!answer.lease.isValid(now)) {
      this.#answers.delete(url)
      return false
    }
    const caller = this.#findCaller(answer, incoming)
    if (!caller || !answer.isFor(caller, answer.answered)) return false
    const { log, proxies } = this.#settings
    log.begin(incoming, outgoing, {
      ...answer.facts,
      ...(isHead && { asked: withoutPull(answer.facts.asked) }),
      client: proxies.clientOf(incoming),
      ...(caller.kind !== 'anonymous' && { who: formatCaller(caller) }),
      bytes: isHead ? 0 : answer.body.length,
    })
    outgoing.writeHead(200, answer.headers)
    if (isHead) outgoing.end()
    else this.#sendBody(outgoing, answer, now)
    return true
  }

  /** Undefined where it has to be found out. */
  #findCaller({ isView }: HotAnswer, { headers }: IncomingMessage): Caller | undefined {
    const { logins, known } = this.#settings.authentication
    const isAnybody = isView || headers.authorization === undefined
    if (isAnybody || !logins.exist) return anonymous
    return known.peek(headers.authorization ?? '')?.caller
  }

  #sendBody(outgoing: ServerResponse, answer: HotAnswer, now: number): void {
    outgoing.end(answer.body, 'latin1')
    if (Math.abs(now - answer.servedAt) < noteEveryMs) return
    answer.servedAt = now
    this.#settings.mirror.noteServed(answer.served)
  }
}

/** HEAD asks what there is, and pulls nothing. */
function withoutPull(asked: Asking | undefined): Asking {
  return { kind: asked?.kind ?? 'digest' }
}

function answeredFrom({ own, ...mirrored }: Source, { cache }: HotFacts): Source {
  return cache === 'hosted' && own !== undefined ? ownSource(own) : mirrored
}

/** Whether it asks for the whole, whatever the client has already, and brings no body to speak of. */
function isPlain(incoming: IncomingMessage): boolean {
  const { headers } = incoming
  const isWhole = headers['if-none-match'] === undefined && headers.range === undefined
  return isWhole && !isStillSending(incoming)
}
