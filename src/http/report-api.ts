import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import { type Caller, isStranger } from '../access/caller.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import { parseImageName } from '../oci/image-name.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import { pushedHere } from '../oci/source.ts'
import { looksLikeHost } from '../oci/upstream-name.ts'
import type { AnyReports, Report, ReportRequest } from '../traffic/any-reports.ts'
import { readReportRequest } from '../traffic/report-request.ts'
import type { Environment, RequestContext } from './environment.ts'

type Asked = {
  readonly mirror: AnyMirror
  readonly reports: AnyReports
  readonly access: Access
  readonly now: () => number
}

/** Who pulled what, and what it saved: `/report`, as JSON or CSV. */
export function addReports(api: Hono<Environment>, asked: Asked): void {
  api.get('/report', (c) => answerReport(c, asked))
}

async function answerReport(c: RequestContext, asked: Asked): Promise<Response> {
  // Rather than a report of nothing, which nobody would take for a question.
  asked.access.requireReader(c.get('caller'))
  const query = new URL(c.req.url).searchParams
  const isCsv = wantsCsv(c, query.get('format'))
  const findImage = (kind: 'repository' | 'image', name: string) => findWhere(asked, kind, name)
  const request = readReportRequest(query, { now: asked.now(), findImage })
  refuseStrangers(c.get('caller'), request)
  const report = await asked.reports.report(request, c.get('caller'))
  return isCsv ? answerCsv(c, report) : c.json(report)
}

async function answerCsv(c: RequestContext, report: Report): Promise<Response> {
  // Few servers are ever asked for it.
  const { formatReportCsv } = await import('../traffic/report-csv.ts')
  const [since, until] = [report.since, report.until].map((time) => time.slice(0, 10))
  c.header('Content-Type', 'text/csv; charset=utf-8; header=present')
  c.header('Content-Disposition', `attachment; filename="entrepot-${since}-${until}.csv"`)
  return c.body(await formatReportCsv(report))
}

function wantsCsv(c: RequestContext, format: string | null): boolean {
  if (format === null) return /\btext\/csv\b/i.test(c.req.header('accept') ?? '')
  if (format === 'csv' || format === 'json') return format === 'csv'
  const what = `format=${quote(format, 20)}: wanted json or csv`
  throw new RegistryError('UNSUPPORTED', what, { status: 400 })
}

/** Who pulls, and from where, isn't for everybody who may pull. */
function refuseStrangers(caller: Caller, { by, where }: ReportRequest): void {
  if (!isStranger(caller)) return
  const asksWho = by.includes('client') || by.includes('user') || where.client || where.user
  if (!asksWho) return
  const what =
    'clients and users are shown to who is logged in: put a token into ENTREPOT_TOKEN, or run the command where the data folder can be read, without --server'
  throw new RegistryError('UNAUTHORIZED', what)
}

/** As in a pull: a name without an upstream may be a hosted repository's or the default upstream's. */
function findWhere({ mirror }: Asked, kind: 'repository' | 'image', text: string) {
  const { name, tag } = kind === 'image' ? readImage(text) : { name: text }
  const source = findSource(mirror, name)
  const upstreams = source.own === undefined ? [] : [pushedHere]
  const repositories = source.own === undefined ? [] : [source.own]
  return {
    upstream: [...upstreams, source.upstream],
    repository: [...new Set([...repositories, source.repository])],
    ...(tag !== undefined && { tag: [tag] }),
  }
}

function readImage(text: string): { readonly name: string; readonly tag: string } {
  const { name, reference } = parseImageName(text)
  if (!text.includes('@')) return { name, tag: reference }
  const what = `image=${quote(text)}: reports know images by their tags: wanted docker.io/library/node:20, or repository=docker.io/library/node`
  throw new RegistryError('UNSUPPORTED', what, { status: 400 })
}

type Found = { readonly upstream: string; readonly repository: string; readonly own?: string }

/** What was pulled from an upstream that isn't configured any more can still be asked for. */
function findSource(mirror: AnyMirror, name: string): Found {
  try {
    return mirror.resolve({ name })
  } catch (error) {
    const slash = name.indexOf('/')
    const first = name.slice(0, Math.max(slash, 0))
    const isForgotten = error instanceof RegistryError && error.code !== 'NAME_INVALID'
    if (!isForgotten || !looksLikeHost(first)) throw error
    return { upstream: first, repository: name.slice(slash + 1) }
  }
}
