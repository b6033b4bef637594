import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { startProcess, waitUntil, waitUntilReady } from './background-process.ts'
import { findFreePort, isListening } from './free-port.ts'
import type { Lab } from './lab.ts'

/** One series that a query gave, and what it is now. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Rule {
  readonly name: string
  readonly health: string
  readonly lastError?: string
  readonly state: string
}

/** Debian's Prometheus, with our own example of a configuration. */
export interface Prometheus {
  /** Throws what it says of a query that it can't answer. */
  query(expression: string): Promise<readonly Sample[]>
  /** All series that were scraped, with their labels. */
  listSeries(): Promise<readonly Readonly<Record<string, string>>[]>
  listRules(): Promise<readonly Rule[]>
  /** Waits until a query gives something else than 0. */
  waitFor(expression: string): Promise<void>
}

export const deployed = join(import.meta.dirname, '..', '..', '..', 'deploy')

/** Starts one that scrapes `target` each second. */
export const startPrometheus = async (lab: Lab, target: string): Promise<Prometheus> => {
  const port = await findFreePort()
  const folder = lab.path('prometheus')
  await mkdir(folder, { recursive: true })
  const configFile = join(folder, 'prometheus.yml')
  await writeFile(configFile, await configFor(target))
  const command = [
    'prometheus',
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ]
  const started = startProcess(command, lab.addLog('prometheus.log'))
  lab.onClose(started.stop)
  await waitUntilReady(started, () => isListening(port))
  const ask = <T>(path: string, fields: Readonly<Record<string, string>>) =>
    askPrometheus<T>(`http://127.0.0.1:${port}/api/v1/${path}`, fields)
  const query = async (expression: string) => {
    const { result } = await ask<{ result: readonly Found[] }>('query', { query: expression })
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }
  return {
    query,
    listSeries: () => ask('series', { 'match[]': '{job="entrepot", __name__!~"ALERTS.*"}' }),
    listRules: async () => {
      const { groups } = await ask<{ groups: readonly { rules: readonly Rule[] }[] }>('rules', {})
      return groups.flatMap(({ rules }) => rules)
    },
    waitFor: (expression) =>
      waitUntil(`Prometheus finds ${expression}`, async () =>
        (await query(expression)).some(({ value }) => value > 0),
      ),
  }
}

type Found = { metric: Readonly<Record<string, string>>; value: readonly [number, string] }

const configFor = async (target: string): Promise<string> => {
  const config = parse(await readFile(join(deployed, 'prometheus', 'prometheus.yml'), 'utf8'))
  const [job] = config.scrape_configs
  return stringify({
    ...config,
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(deployed, 'prometheus', 'alerts.yml')],
    scrape_configs: [{ ...job, static_configs: [{ targets: [target] }] }],
  })
}

const askPrometheus = async <T>(
  url: string,
  fields: Readonly<Record<string, string>>,
): Promise<T> => {
  const reply = await fetch(`${url}?${new URLSearchParams(fields)}`)
  const { status, error, data } = (await reply.json()) as {
    status: string
    error?: string
    data: T
  }
  if (status !== 'success') throw new Error(`${JSON.stringify(fields)}: ${error}`)
  return data
}
