import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import type { UpstreamsAnswer, UpstreamTestAnswer } from '../answers/upstreams.ts'
import { readSince } from '../budget/read-since.ts'
import type { AnyChronicle } from '../chronicle/any-chronicle.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { Environment, RequestContext } from './environment.ts'
import { readObject, readShort, readText } from './read-json.ts'
import { toHistoryAnswer } from './upstream-history.ts'

type Asked = {
  readonly mirror: AnyMirror
  readonly chronicle: AnyChronicle
  readonly access: Access
  readonly now: () => number
}

type UpstreamState = Awaited<ReturnType<AnyMirror['describeUpstreams']>>[number]
type UrlState = UpstreamState['urls'][number]

const usualSince = '24h'
const maxBodyBytes = 4096

/** How the upstreams do, how they did, and whether one answers, step by step: `/upstreams`. */
export function addUpstreams(api: Hono<Environment>, asked: Asked): void {
  const { mirror, access } = asked
  api.get('/upstreams', async (c) => {
    const caller = c.get('caller')
    access.requireReader(caller)
    const upstreams = await mirror.describeUpstreams()
    const seesNames = access.maySeeNames(caller)
    return c.json({
      upstreams: seesNames ? upstreams : upstreams.map(withoutNames),
    } satisfies UpstreamsAnswer)
  })
  api.get('/upstreams/history', (c) => answerHistory(c, asked))
  api.post('/upstreams/test', (c) => testUpstream(c, asked))
}

async function answerHistory(
  c: RequestContext,
  { chronicle, access, now }: Asked,
): Promise<Response> {
  const caller: Caller = c.get('caller')
  access.requireReader(caller)
  const since = readSince(c.req.query('since') ?? usualSince, now())
  const upstream = c.req.query('upstream') || undefined
  const told = await chronicle.describeChronicle({ since, upstream })
  return c.json(toHistoryAnswer(told, { access, caller, upstream }))
}

async function testUpstream(c: RequestContext, { chronicle, access }: Asked): Promise<Response> {
  access.requireAdmin(c.get('caller'))
  const fields = readObject(await readShort(c, maxBodyBytes), ['upstream'])
  const { name, urls } = await chronicle.testUpstream(readText(fields, 'upstream'))
  return c.json({ upstream: name, urls } satisfies UpstreamTestAnswer)
}

/** By whom an upstream knows us: our address there, or a login. */
function withoutNames({ urls, ...upstream }: UpstreamState): UpstreamState {
  return { ...upstream, urls: urls.map(withoutName) }
}

function withoutName({ budget, login, ...url }: UrlState): UrlState {
  const { username: _, ...unnamed } = login
  if (!budget) return { ...url, login: unnamed }
  const { source: __, ...amounts } = budget
  return { ...url, budget: amounts, login: unnamed }
}
