import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Logger } from 'pino'
import type { Access } from '../access/access.ts'
import type { AnyAdministration } from '../access/any-administration.ts'
import type { AnyAdvice } from '../advice/any-advice.ts'
import type { AnyAudit } from '../audit/any-audit.ts'
import type { AnyBudget } from '../budget/any-budget.ts'
import type { AnyCatalog } from '../catalog/any-catalog.ts'
import type { AnyChronicle } from '../chronicle/any-chronicle.ts'
import type { AnyEvents } from '../events/any-events.ts'
import type { AnyHosted } from '../hosted/any-hosted.ts'
import type { AnyMetrics } from '../metrics/any-metrics.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { AnySpace } from '../space/any-space.ts'
import type { AnyReports } from '../traffic/any-reports.ts'
import { createApp } from './app.ts'
import type { Authentication } from './authentication.ts'
import type { BufferPool } from './buffer-pool.ts'
import { setHarmless } from './harmless.ts'
import type { Health } from './health.ts'
import { HotAnswers } from './hot-answers.ts'
import { refuseTarget } from './malformed-request.ts'
import { type TrustedProxies, unknownHost } from './outside.ts'
import { RequestLog } from './request-log.ts'
import type { RequestMeter } from './request-meter.ts'

type Settings = {
  readonly mirror: AnyMirror
  readonly hosted: AnyHosted
  readonly catalog: AnyCatalog
  readonly space: AnySpace
  readonly events: AnyEvents
  readonly reports: AnyReports
  readonly advice: AnyAdvice
  readonly access: Access
  readonly authentication: Authentication
  readonly administration: AnyAdministration
  readonly audit: AnyAudit
  readonly metrics: AnyMetrics
  readonly budget: AnyBudget
  readonly chronicle: AnyChronicle
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
