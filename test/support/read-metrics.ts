import { vi } from 'vitest'
import { ask } from './raw-client.ts'
import type { StartedServer } from './start-server.ts'

/** By name and labels as they are written, without the prefix: `pulls_total{upstream="docker.io",outcome="hit"}`. */
export type Metrics = ReadonlyMap<string, number>

export const parseMetrics = (text: string): Metrics => {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space).replace(/^entrepot_/, ''), Number(line.slice(space + 1))]
    }),
  )
}

/** As they were within the last second. */
export const readMetrics = async (server: StartedServer): Promise<Metrics> => {
  const { headers } = server.operator
  return parseMetrics((await ask(server, '/metrics', { headers })).body.toString())
}

/** Asks until `check` throws no more: what was counted is told some seconds later. */
export const metricsOnce = (server: StartedServer, check: (metrics: Metrics) => void) =>
  vi.waitFor(async () => check(await readMetrics(server)), { timeout: 15_000, interval: 250 })

/** Of all series of the name that have these labels. */
export const sumOf = (metrics: Metrics, name: string, ...labels: readonly string[]): number =>
  [...metrics]
    .filter(([key]) => key.startsWith(`${name}{`) && labels.every((label) => key.includes(label)))
    .reduce((sum, [, value]) => sum + value, 0)
