import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { runCommand } from '../support/lab/background-process.ts'
import { startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { deployed, type Prometheus, startPrometheus } from '../support/lab/prometheus.ts'
import type { Skopeo } from '../support/lab/skopeo.ts'
import { rateLimitHeaders } from '../support/scripted-behaviour.ts'
import { ScriptedUpstream } from '../support/scripted-upstream.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

type Panel = { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }

/** What Grafana puts in the place of what a viewer may choose. */
const variables = { job: '.+', instance: '.+', __rate_interval: '30s', __range: '1m' }

const labelNames = [
  '__name__',
  'instance',
  'job',
  'kind',
  'le',
  'nodejs_version',
  'outcome',
  'part',
  'state',
  'thread',
  'upstream',
  'url',
  'version',
]

const readDashboard = async (): Promise<readonly (readonly [title: string, query: string])[]> => {
  const text = await readFile(join(deployed, 'grafana', 'entrepot.json'), 'utf8')
  const { panels } = JSON.parse(text) as { panels: readonly Panel[] }
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => [title, fillIn(expr)] as const),
  )
}

const fillIn = (expression: string): string =>
  Object.entries(variables).reduce(
    (filled, [name, value]) => filled.replaceAll(`$${name}`, value),
    expression,
  )

const readAlerts = async (): Promise<readonly { alert: string; expr: string }[]> => {
  const { groups } = parse(await readFile(join(deployed, 'prometheus', 'alerts.yml'), 'utf8'))
  return groups.flatMap(({ rules }: { rules: readonly object[] }) => rules)
}

const namesIn = (expression: string): readonly string[] =>
  expression.match(/\b(?:entrepot|process)_\w+/g) ?? []

const promtool = async (parameters: readonly string[], input?: string) => {
  const files = parameters.map((each) => each.replace('deploy/', `${deployed}/`))
  const { exitCode, stdout, stderr } = await runCommand(
    ['promtool', ...files],
    input === undefined ? {} : { input },
  )
  return { exitCode, said: `${stdout}${stderr}` }
}

describePeers('Prometheus', ['prometheus', 'promtool', 'skopeo'], (lab) => {
  let mirror: Entrepot
  let prometheus: Prometheus

  const pull = (skopeo: Skopeo, name: string) => skopeo.pull(`docker.io/team/${name}:1`)

  beforeAll(async () => {
    const upstream = await ScriptedUpstream.start()
    lab.onClose(() => upstream.stop())
    const recipe = { layerSizes: [400_000] }
    for (const seed of ['apples', 'pears'])
      await upstream.repository(`team/${seed}`).addImage('1', { ...recipe, seed })
    const budget = { limit: 100, remaining: 60, windowSeconds: 21_600, source: '192.0.2.7' }
    upstream.script(/manifests/, rateLimitHeaders(budget))
    mirror = await startMirror(lab, { url: upstream.url }, { config: { threads: 2 } })
    prometheus = await startPrometheus(lab, `127.0.0.1:${mirror.port}`)
    const { skopeo } = await startClients(lab, mirror.port, ['skopeo'])
    for (const _ of ['miss', 'hit']) await pull(skopeo, 'apples')
    // What a series begins with nobody sees grow.
    await prometheus.waitFor('sum(entrepot_pulls_total) == bool 2')
    await pull(skopeo, 'pears')
    await pull(skopeo, 'apples')
    await prometheus.waitFor('sum(increase(entrepot_pulls_total{outcome="hit"}[1m]))')
    await prometheus.waitFor('sum(increase(entrepot_pulls_total{outcome="miss"}[1m]))')
  })

  test('finds nothing to complain of in the metrics', async () => {
    const text = await (await fetch(`${mirror.url}/metrics`)).text()
    expect(await promtool(['check', 'metrics'], text)).toEqual({ exitCode: 0, said: '' })
  })

  test('finds its rules, their tests and the example of its configuration in order', async () => {
    const [rules, tests, config] = await Promise.all([
      promtool(['check', 'rules', 'deploy/prometheus/alerts.yml']),
      promtool(['test', 'rules', 'deploy/prometheus/alerts.test.yml']),
      promtool(['check', 'config', 'deploy/prometheus/prometheus.yml']),
    ])
    expect([rules.exitCode, tests.exitCode, config.exitCode], tests.said).toEqual([0, 0, 0])
    const tested = await readFile(join(deployed, 'prometheus', 'alerts.test.yml'), 'utf8')
    for (const { alert } of await readAlerts()) expect(tested).toContain(`"${alert}"`)
  })

  test('has data for every query of the dashboard', async () => {
    const without: string[] = []
    const queries = await readDashboard()
    for (const [title, query] of queries) {
      const found = await prometheus.query(query)
      if (!found.some(({ value }) => Number.isFinite(value))) without.push(`${title}: ${query}`)
    }
    expect(without).toEqual([])
    expect(queries.length).toBeGreaterThan(40)
  })

  test('can ask what every alert asks, by names that are there, and none fires', async () => {
    const known = new Set((await prometheus.listSeries()).map(({ __name__ }) => __name__))
    const alerts = await readAlerts()
    for (const { alert, expr } of alerts) {
      await prometheus.query(expr)
      for (const name of namesIn(expr)) expect(known, alert).toContain(name)
    }
    const rules = await prometheus.listRules()
    expect(rules.map(({ name }) => name)).toEqual(alerts.map(({ alert }) => alert))
    for (const { name, health, lastError } of rules)
      expect({ name, health, lastError }).toEqual({ name, health: 'ok' })
    expect(rules.filter(({ state }) => state === 'firing')).toEqual([])
  })

  test('is told of no image, no client and no user', async () => {
    const all = await prometheus.listSeries()
    expect(new Set(all.flatMap((labels) => Object.keys(labels)))).toEqual(new Set(labelNames))
    // Whom it scrapes, and what mirrors.yaml names.
    const values = all.flatMap(({ instance: _, url: __, ...labels }) => Object.values(labels))
    expect(values.filter((value) => /team|apples|pears|sha256|127\.|192\./.test(value))).toEqual([])
  })

  test('counts what was really pulled', async () => {
    const sums = await prometheus.query('sum by (upstream, outcome) (entrepot_pulls_total) > 0')
    const found = Object.fromEntries(sums.map(({ labels, value }) => [labels.outcome, value]))
    expect(found).toEqual({ miss: 2, hit: 2 })
    const [fetched] = await prometheus.query('entrepot_fetched_bytes_total')
    const [served] = await prometheus.query('sum(entrepot_served_bytes_total)')
    expect((served?.value ?? 0) / (fetched?.value ?? 1)).toBeCloseTo(2, 1)
    const [budget] = await prometheus.query('entrepot_upstream_budget_remaining')
    expect(budget?.value).toBe(60)
  })
})
