import { expect, test } from 'vitest'
import type { ConfigAnswer, ImageAnswer, LayerAnswer } from '../../../../src/answers/image.ts'
import { compareConfigs, compareLayers, sumOf } from '../../../../src/ui/compare/differences.ts'

const layer = (digest: string, size = 1): LayerAnswer => {
  const shared = { count: 0, more: false, images: [] }
  return { digest, size, mediaType: 'application/x', kept: true, shared }
}
const withLayers = (...layers: readonly LayerAnswer[]) => ({ layers }) as unknown as ImageAnswer
const part = { digest: 'sha256:0', mediaType: 'application/x', size: 1, kept: true }

test('layers of both stand once, then those of the one, then those of the other', () => {
  const a = withLayers(layer('base', 10), layer('a', 2), layer('a', 2))
  const b = withLayers(layer('b', 3), layer('base', 10))
  const compared = compareLayers(a, b)
  expect(compared.map(({ digest, side }) => [digest, side])).toEqual([
    ['base', 'both'],
    ['a', 'a'],
    ['b', 'b'],
  ])
  expect(['both', 'a', 'b'].map((side) => sumOf(compared, side as 'a'))).toEqual([10, 2, 3])
})

test('of two configurations only what differs is told', () => {
  const a: ConfigAnswer = {
    ...part,
    env: ['A=1', 'B=same', 'GONE'],
    labels: { l: 'x' },
    entrypoint: ['/a'],
    exposedPorts: ['80/tcp'],
    user: 'app',
  }
  const b: ConfigAnswer = { ...part, env: ['A=2', 'B=same'], labels: {}, entrypoint: ['/a'] }
  expect(compareConfigs(a, b)).toEqual([
    { group: 'Run', name: 'User', a: 'app', b: undefined },
    { group: 'Ports', name: '80/tcp', a: 'exposed', b: undefined },
    { group: 'Environment', name: 'A', a: '1', b: '2' },
    { group: 'Environment', name: 'GONE', a: '', b: undefined },
    { group: 'Labels', name: 'l', a: 'x', b: undefined },
  ])
  expect(compareConfigs(undefined, undefined)).toEqual([])
})
