import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Logger } from 'pino'
import { createApp } from './app.ts'
import type { BufferPool } from './buffer-pool.ts'
import { setHarmless } from './harmless.ts'
import type { Health } from './health.ts'
import { HotAnswers } from './hot-answers.ts'
import { refuseTarget } from './malformed-request.ts'
import { type TrustedProxies, unknownHost } from './outside.ts'
import { RequestLog } from './request-log.ts'
import type { RequestMeter } from './request-meter.ts'
import type { Rooms } from './rooms.ts'

type Settings = Rooms & {
  readonly proxies: TrustedProxies
  readonly meter: RequestMeter
  /** The upstream that this port's root is a view of; undefined on the main port. */
  readonly view: string | undefined
  readonly buffers: BufferPool
  /** What answers from memory may take. */
  readonly hotBytes: number
  readonly health: Health
  readonly logger: Logger
  readonly now: () => number
}

const hostPattern = /^[a-z0-9.:[\]_-]+$/i

/** What answers the requests of one port: hot answers at once, all else through the app. */
export function createListener(settings: Settings): RequestListener {
  const log = new RequestLog(settings.logger, settings.meter)
  const hot = new HotAnswers({ ...settings, log, maxBytes: settings.hotBytes })
  const app = createApp({ ...settings, hot, log })
  // With its own Response class the adapter would forget that a HEAD was already answered.
  const adapting = { overrideGlobalObjects: false, errorHandler: refuseTarget }
  const adapted = getRequestListener(app.fetch, adapting)
  return (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (hot.answer(incoming, outgoing)) return
    setHarmless(outgoing)
    // HTTP/1.0 has no Host, and load balancers ask so for health; the adapter wants a readable one.
    if (!hostPattern.test(incoming.headers.host ?? '')) incoming.headers.host = unknownHost
    void adapted(incoming, outgoing)
  }
}
