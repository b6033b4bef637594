import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import type { Environment, RequestContext } from './environment.ts'

/** Beside the built server. */
const root = join(import.meta.dirname, 'ui')

/**
 * All that its pages need comes from here, and they talk to nobody else: a name full of markup that was shown as
 * markup after all could neither run nor tell anybody. Charts and lists place their parts by scripts, which this
 * allows, and not by attributes, which it doesn't.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Their names change with what is in them. */
const forever = 'public, max-age=31536000, immutable'

/** The web UI under `/ui/`: a page and its parts, for everybody; what they show they ask the API for. */
export function addUi(app: Hono<Environment>): void {
  const ui = new Hono<Environment>()
  ui.get('/', leadIn)
  ui.use(setHeaders)
  const rewriteRequestPath = (path: string) => path.slice('/ui'.length)
  const serve = () => serveStatic<Environment>({ root, precompressed: true, rewriteRequestPath })
  let serving: ReturnType<typeof serve> | undefined
  // Once it is asked for: it complains of a server that wasn't built.
  ui.use((c, next) => {
    serving ??= serve()
    return serving(c, next)
  })
  ui.all('*', (c) => c.text('nothing is here: the web UI is at /ui/\n', 404))
  app.get('/', (c) => leadTo(c, '/ui/'))
  app.route('/ui', ui)
}

/** Relative paths need the slash. */
async function leadIn(c: RequestContext, next: () => Promise<void>): Promise<Response | undefined> {
  if (!c.req.path.endsWith('/')) return leadTo(c, '/ui/')
  await next()
  return undefined
}

function leadTo(c: RequestContext, path: string): Response {
  return c.redirect(`${c.get('outside').prefix}${path}`)
}

async function setHeaders(c: RequestContext, next: () => Promise<void>): Promise<void> {
  await next()
  c.header('Content-Security-Policy', policy)
  c.header('Referrer-Policy', 'no-referrer')
  const isLasting = c.res.ok && c.req.path.startsWith('/ui/assets/')
  c.header('Cache-Control', isLasting ? forever : 'no-cache')
}
