import { expect, test } from 'vitest'
import { readImageConfig, stepsOfLayers } from '../../../src/oci/image-config.ts'

const read = (value: unknown) => readImageConfig(Buffer.from(JSON.stringify(value)))

const nothing = { entrypoint: [], cmd: [], env: [], exposedPorts: [], labels: {}, history: [] }

test('what people ask for is read', () => {
  const config = {
    User: 'app',
    WorkingDir: '/srv',
    Entrypoint: ['/bin/sh'],
    Cmd: ['-c', 'true'],
    Env: ['A=b'],
    ExposedPorts: { '80/tcp': {} },
    Labels: { a: 'b' },
  }
  const document = { created: '2026-01-01T00:00:00Z', os: 'linux', architecture: 'arm64', config }
  expect(read(document)).toEqual({
    created: '2026-01-01T00:00:00Z',
    os: 'linux',
    architecture: 'arm64',
    user: 'app',
    workingDir: '/srv',
    entrypoint: ['/bin/sh'],
    cmd: ['-c', 'true'],
    env: ['A=b'],
    exposedPorts: ['80/tcp'],
    labels: { a: 'b' },
    history: [],
  })
})

test('steps are told to the layers that they made, where there is one for each', () => {
  const history = [
    { created: '2026-01-01T00:00:00Z', created_by: 'ADD rootfs.tar', comment: 'base' },
    { created_by: 'ENV A=b', empty_layer: true },
    'nothing',
    { created_by: 7, comment: 'x'.repeat(20_000) },
  ]
  const steps = read({ history })?.history ?? []
  const nothingSaid = { created: undefined, command: undefined, comment: undefined, isEmpty: false }
  expect(steps[0]).toMatchObject({ command: 'ADD rootfs.tar', comment: 'base', isEmpty: false })
  expect(steps[1]).toMatchObject({ command: 'ENV A=b', isEmpty: true })
  expect(steps[2]).toEqual(nothingSaid)
  expect(steps[3]?.comment).toHaveLength(10_000)
  expect(stepsOfLayers(steps, 3)).toEqual([steps[0], steps[2], steps[3]])
  expect(stepsOfLayers(steps, 2)).toEqual([])
})

test.each([
  {},
  { config: null },
  { config: [] },
  {
    created: 7,
    config: { User: 7, Env: 'A=b', Cmd: [7, null], Labels: { a: 7 }, ExposedPorts: 7 },
  },
])('what has another form is left out: %j', (document) => {
  expect(read(document)).toEqual(nothing)
})

test.each(['', '{', 'null', '[]', '7', '\xff'])('%j is no config', (text) => {
  expect(readImageConfig(Buffer.from(text, 'latin1'))).toBeUndefined()
})
