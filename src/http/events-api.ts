import { isDeepStrictEqual } from 'node:util'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Hono } from 'hono'
import type { Logger } from 'pino'
import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import type { AnyEvents, Event } from '../events/any-events.ts'
import { type EventKind, eventKinds } from '../events/event-data.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import type { Authentication } from './authentication.ts'
import { clientKey } from './client-key.ts'
import type { Environment, RequestContext } from './environment.ts'
import { EventWriter } from './event-writer.ts'
import { showEvent } from './visible-event.ts'

type Asked = {
  readonly events: AnyEvents
  readonly access: Access
  readonly authentication: Authentication
  readonly now: () => number
  readonly logger: Logger
  /** Who asks, found out anew. Throws RegistryError where that is nobody any more. */
  readonly findCaller: (c: RequestContext) => Promise<Caller>
}

/** Whoever is logged out, or may not read any more, is told of events for no longer. */
const checkEveryMs = 60_000
/** An id is shorter. */
const longestId = 64

/** What happens, as it happens: `/events`. */
export function addEvents(api: Hono<Environment>, asked: Asked): void {
  api.get('/events', (c) => sendEvents(c, asked))
}

/** `?types=pull,fetch`, else all; `Last-Event-ID` says where to go on. */
async function sendEvents(c: RequestContext, asked: Asked): Promise<Response> {
  const { events, access } = asked
  access.requireReader(c.get('caller'))
  const kinds = readTypes(c.req.query('types'))
  const after = c.req.header('last-event-id')?.slice(0, longestId)
  const isHead = c.req.method === 'HEAD'
  const client = clientKey(c.get('outside').client)
  const stream = isHead ? undefined : await events.open({ client, kinds, after })
  const { outgoing } = c.env
  outgoing.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    // nginx would gather them.
    'X-Accel-Buffering': 'no',
  })
  if (stream === undefined) outgoing.end()
  else await new EventWriter(outgoing, { stream, ...describeReader(c, asked) }).run()
  return RESPONSE_ALREADY_SENT
}

function describeReader(c: RequestContext, asked: Asked) {
  const { access, authentication } = asked
  const caller = c.get('caller')
  const facts = c.get('facts')
  return {
    show: (event: Event) =>
      showEvent(event, { caller, access, canLogIn: authentication.logins.exist }),
    isStillIn: stillIn(c, asked),
    onBytes: (count: number) => {
      facts.bytes += count
    },
  }
}

/** Once in a while finds out anew who reads: one that is somebody else, or has other leave, begins anew. */
function stillIn(
  c: RequestContext,
  { access, now, findCaller, logger }: Asked,
): () => Promise<boolean> {
  const caller = c.get('caller')
  let checkedAt = now()
  let isIn = Promise.resolve(true)
  const check = async () => {
    try {
      const found = await findCaller(c)
      access.requireReader(found)
      return isDeepStrictEqual(found, caller)
    } catch (error) {
      if (!(error instanceof RegistryError))
        logger.warn({ err: error }, "who reads events couldn't be found out: the stream ends")
      return false
    }
  }
  return () => {
    // Who asks while it is being found out waits for the same answer.
    if (Math.abs(now() - checkedAt) >= checkEveryMs) {
      checkedAt = now()
      isIn = check()
    }
    return isIn
  }
}

function readTypes(text: string | undefined): readonly EventKind[] {
  if (text === undefined) return eventKinds
  const names = text.split(',')
  const kinds = eventKinds.filter((kind) => names.includes(kind))
  if (kinds.length === new Set(names).size) return kinds
  const unknown = names.find((name) => !eventKinds.some((kind) => kind === name)) ?? ''
  const what = `types: ${quote(unknown, 40)} is no type of event: wanted some of ${eventKinds.join(',')}`
  throw new RegistryError('NAME_INVALID', what)
}
