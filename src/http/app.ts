import { Hono } from 'hono'
import type { Logger } from 'pino'
import { causedBy } from '../traffic/cause.ts'
import { createApi } from './api.ts'
import { noteAction } from './audit-request.ts'
import type { Environment, Registry, RequestFacts } from './environment.ts'
import { createErrorBoundary, errorResponse } from './error-response.ts'
import { answerHealthz, answerReadyz, type Health } from './health.ts'
import { createMetrics } from './metrics-page.ts'
import type { TrustedProxies } from './outside.ts'
import { handleRegistry } from './registry.ts'
import type { RequestLog } from './request-log.ts'
import type { Rooms } from './rooms.ts'
import { answerToken } from './token-endpoint.ts'
import { addUi } from './ui.ts'

type Settings = Registry &
  Rooms & {
    readonly health: Health
    readonly log: RequestLog
    readonly proxies: TrustedProxies
    readonly logger: Logger
    readonly now: () => number
  }

/**
 * The room of HTTP towards clients: routes, headers, ranges, one error boundary, one log line a
 * request. It asks the mirror and writes what it gets; it decides nothing about content.
 */
export function createApp(settings: Settings): Hono<Environment> {
  const { audit, metrics, health, log, proxies, logger, now, view, authentication } = settings
  const app = new Hono<Environment>()
  app.use(async (c, next) => {
    const outside = proxies.outsideOf(c.env.incoming)
    const facts: RequestFacts = { client: outside.client, bytes: 0 }
    c.set('facts', facts)
    c.set('outside', outside)
    log.begin(c.env.incoming, c.env.outgoing, facts)
    await causedBy(facts, next)
    noteAction(c, audit, now)
  })
  const handleErrors = createErrorBoundary(logger)
  app.onError(handleErrors(errorResponse))
  app.get('/healthz', answerHealthz)
  app.get('/readyz', (c) => answerReadyz(c, health))
  // A port that is a view of one upstream has nothing else.
  if (view === undefined) {
    app.on(['GET', 'POST'], '/token', (c) => answerToken(c, authentication))
    addUi(app)
    app.route('/metrics', createMetrics({ ...settings, metrics }, handleErrors))
    app.route('/api/v1', createApi(settings, handleErrors))
  }
  app.all('*', (c) => handleRegistry(c, settings))
  return app
}
