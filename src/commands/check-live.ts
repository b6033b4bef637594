import { systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { uncounted } from '../upstream/fetch-meter.ts'
import type { UrlSurvey } from '../upstream/survey-url.ts'
import { Upstreams } from '../upstream/upstreams.ts'
import { formatTable } from './table.ts'

type Surveyed = { readonly upstream: UpstreamName; readonly urls: readonly UrlSurvey[] }

/** Asks every upstream that has a name, prints what they say, and gives whether all is well. */
export async function checkLive(config: Config, { asJson }: { asJson: boolean }): Promise<boolean> {
  if (config.offline) {
    const text = 'mirrors.yaml says offline: true: no upstream is asked'
    process.stdout.write(
      asJson ? `${JSON.stringify({ offline: true, upstreams: [] })}\n` : `${text}\n`,
    )
    return true
  }
  const surveyed = await survey(config)
  const rows = surveyed.flatMap(({ upstream, urls }) => urls.map((url) => toRow(upstream, url)))
  process.stdout.write(asJson ? toJson(surveyed) : formatTable(rows))
  return surveyed.every(({ urls }) => urls.every(({ problem }) => problem === undefined))
}

async function survey({ upstreams: settings }: Config): Promise<readonly Surveyed[]> {
  const { elapsedMs } = systemClock
  const nobodyHears = {
    onOutage: () => {},
    onOutageEnd: () => {},
    onBudget: () => {},
    meter: uncounted,
  }
  const upstreams = new Upstreams({ elapsedMs, isOffline: () => false, ...nobodyHears })
  upstreams.configure(settings)
  try {
    const names = [...settings.keys()].filter((name) => name !== '*') as UpstreamName[]
    const asking = names.map(async (upstream) => {
      return { upstream, urls: (await upstreams.find(upstream)?.survey()) ?? [] }
    })
    return await Promise.all(asking)
  } finally {
    await upstreams.close()
  }
}

function toJson(surveyed: readonly Surveyed[]): string {
  return `${JSON.stringify({ offline: false, upstreams: surveyed }, null, 2)}\n`
}

function toRow(upstream: UpstreamName, survey: UrlSurvey): readonly string[] {
  return [upstream, survey.url, describeAnswer(survey)]
}

function describeAnswer({ problem, milliseconds, login, budget }: UrlSurvey): string {
  if (problem !== undefined) return `FAILS: ${problem}`
  const parts = [`answers in ${milliseconds} ms`]
  parts.push(login === 'accepted' ? 'login accepted' : 'asked without a login')
  if (budget) {
    const { remaining, limit, windowSeconds } = budget
    parts.push(`${remaining} of ${limit} pulls left (in ${windowSeconds / 3600} h)`)
  }
  return parts.join(', ')
}
