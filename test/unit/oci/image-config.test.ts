import { expect, test } from 'vitest'
import { readImageConfig } from '../../../src/oci/image-config.ts'

const read = (value: unknown) => readImageConfig(Buffer.from(JSON.stringify(value)))

const nothing = { entrypoint: [], cmd: [], env: [], exposedPorts: [], labels: {} }

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
  })
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
