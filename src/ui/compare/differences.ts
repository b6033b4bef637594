import type { ConfigAnswer, ImageAnswer, LayerAnswer } from '../../answers/image.ts'
import { splitVariable } from '../image/split-variable.ts'

export type Side = 'a' | 'b' | 'both'

export type ComparedLayer = Pick<LayerAnswer, 'digest' | 'size' | 'command'> & {
  readonly side: Side
}

/** The layers of both, in the order in which they lie: what both have stands once. */
export function compareLayers(a: ImageAnswer, b: ImageAnswer): readonly ComparedLayer[] {
  const inB = new Set(b.layers.map(({ digest }) => digest))
  const inA = new Set(a.layers.map(({ digest }) => digest))
  const shared = a.layers.filter(({ digest }) => inB.has(digest))
  const ofA = a.layers.filter(({ digest }) => !inB.has(digest))
  const ofB = b.layers.filter(({ digest }) => !inA.has(digest))
  return [...mark(shared, 'both'), ...mark(ofA, 'a'), ...mark(ofB, 'b')]
}

export function sumOf(layers: readonly ComparedLayer[], side: Side): number {
  return layers.reduce((sum, layer) => sum + (layer.side === side ? layer.size : 0), 0)
}

function mark(layers: readonly LayerAnswer[], side: Side): readonly ComparedLayer[] {
  const distinct = new Map(layers.map((layer) => [layer.digest, layer]))
  return [...distinct.values()].map(({ digest, size, command }) => ({
    digest,
    size,
    command,
    side,
  }))
}

export type Change = {
  /** `Environment` */
  readonly group: string
  readonly name: string
  readonly a: string | undefined
  readonly b: string | undefined
}

/** What the one's configuration says otherwise than the other's. */
export function compareConfigs(
  a: ConfigAnswer | undefined,
  b: ConfigAnswer | undefined,
): readonly Change[] {
  const [one, other] = [valuesOf(a), valuesOf(b)]
  const keys = new Set([...one.keys(), ...other.keys()])
  return [...keys].flatMap((key) => {
    const [before, after] = [one.get(key), other.get(key)]
    if (before?.text === after?.text) return []
    const { group = '', name = '' } = before ?? after ?? {}
    return [{ group, name, a: before?.text, b: after?.text }]
  })
}

type Value = { readonly group: string; readonly name: string; readonly text: string }

function valuesOf(config: ConfigAnswer | undefined): ReadonlyMap<string, Value> {
  if (!config) return new Map()
  const { env = [], labels = {}, exposedPorts = [], entrypoint = [], cmd = [] } = config
  const run = [
    ['Entrypoint', entrypoint.length > 0 ? JSON.stringify(entrypoint) : undefined],
    ['Command', cmd.length > 0 ? JSON.stringify(cmd) : undefined],
    ['User', config.user],
    ['Working directory', config.workingDir],
    ['Platform', [config.os, config.architecture].filter(Boolean).join('/') || undefined],
    ['Made', config.created],
  ] as const
  const values = [
    ...run.flatMap(([name, text]) => (text === undefined ? [] : [{ group: 'Run', name, text }])),
    ...exposedPorts.map((port) => ({ group: 'Ports', name: port, text: 'exposed' })),
    ...env.map((text) => {
      const [name, value] = splitVariable(text)
      return { group: 'Environment', name, text: value }
    }),
    ...Object.entries(labels).map(([name, text]) => ({ group: 'Labels', name, text })),
  ]
  return new Map(values.map((value) => [`${value.group} ${value.name}`, value]))
}
