// What the further threads gain: the same loads with `threads: 1` and with the default.

import type { Variant } from '../variants.ts'
import { plainCase, tlsCase } from './kept-blob.ts'
import { byTag, manifestCase } from './kept-manifest.ts'
import type { Metric, Part, RunningCase } from './part.ts'

const connections = 8
const manyConnections = 32

const withoutGoals = ({ key, title, format }: Metric): Metric => ({ key, title, format })

const bothWays = (loaded: RunningCase): readonly RunningCase[] => {
  const { name, variant, metrics } = loaded
  const [first, ...others] = metrics
  const alone: RunningCase = {
    ...loaded,
    servers: ['entrepot'],
    metrics: [withoutGoals(first), ...others.map(withoutGoals)],
  }
  const oneThread: Variant = {
    ...variant,
    name: `${variant?.name ?? 'plain'}-one-thread`,
    threads: 1,
  }
  return [
    { ...alone, name: `${name}, threads: 1`, variant: oneThread },
    { ...alone, name: `${name}, threads: auto` },
  ]
}

export const threads: Part = {
  name: 'threads',
  cases: [
    plainCase(connections, {}),
    tlsCase(connections),
    manifestCase(byTag, manyConnections),
  ].flatMap(bothWays),
}
