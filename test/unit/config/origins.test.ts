import { expect, test } from 'vitest'
import { listSettings } from '../../../src/config/list-settings.ts'
import { originsIn } from '../../../src/config/origins.ts'
import { parseYaml } from '../../../src/config/parse-yaml.ts'
import { checkYaml } from './check-yaml.ts'

const text = `# a comment
listen: 127.0.0.1:5000
upstreams:
  docker.io:
    username: \${HUB_USER:-}
    password: \${HUB_TOKEN:-}
    url: [https://a.io, "\${SECOND}"]
    tagTtl: 1m
  ghcr.io: {missTtl: 1s,
    prefetch: false}
  quay.io:
access:
  rules:
    - {who: ci, repositories: a, may: pull}
    - who: dev
      repositories: b
      may: [pull, push]
space: {high: "$\${HUB_USER}"}
`
const environment = { HUB_USER: 'bob', HUB_TOKEN: '', SECOND: 'https://b.io' }

test.each<[(string | number)[], object]>([
  [['listen'], { kind: 'file', line: 2 }],
  [['data'], { kind: 'default' }],
  [
    ['upstreams', 'docker.io', 'username'],
    { kind: 'environment', line: 5, variables: ['HUB_USER'] },
  ],
  [['upstreams', 'docker.io', 'password'], { kind: 'file', line: 6 }],
  [['upstreams', 'docker.io', 'url'], { kind: 'environment', line: 7, variables: ['SECOND'] }],
  [['upstreams', 'docker.io', 'tagTtl'], { kind: 'file', line: 8 }],
  [['upstreams', 'docker.io', 'missTtl'], { kind: 'default' }],
  [['upstreams', 'ghcr.io', 'prefetch'], { kind: 'file', line: 10 }],
  [['upstreams', 'quay.io', 'prefetch'], { kind: 'default' }],
  [['access', 'rules', 0, 'who'], { kind: 'file', line: 14 }],
  [['access', 'rules', 1, 'may'], { kind: 'file', line: 17 }],
  [['access', 'rules', 1, 'toString'], { kind: 'default' }],
  [['space', 'high'], { kind: 'file', line: 18 }],
])('%j came from %j', (path, origin) => {
  const { data } = parseYaml(text)
  expect(originsIn({ text, data, environment })(path)).toEqual(origin)
})

test('values are listed as people write them, and secrets by whether they are set', () => {
  const config = checkYaml(`
upstreams: {docker.io: {username: a, password: hunter2, url: [https://a.io, https://b.io]}}
webhooks: [{url: "https://u:hunter2@x.io/hunter2?hunter2", secret: hunter2}, {url: https://y.io}]
store: {metadata: "postgres://u:hunter2@h/db?password=hunter2"}
space: {minFree: 2GiB}
`)
  const listed = listSettings(config)
  const shown = (name: string) => listed.find((setting) => setting.name === name)?.value
  expect(JSON.stringify(listed)).not.toContain('hunter2')
  expect(shown('upstreams["docker.io"].password')).toBe('set')
  expect(shown('upstreams["docker.io"].url')).toBe('https://a.io, https://b.io')
  expect(shown('webhooks[0].url')).toBe('https://x.io/…')
  expect(shown('webhooks[1].url')).toBe('https://y.io/')
  expect(shown('webhooks[1].secret')).toBe('not set')
  expect(shown('space.minFree')).toBe('2GiB')
  expect(shown('clients')).toBe('{}')
  expect(shown('access.rules')).toBe('[]')
  expect(shown('dockerListen')).toBe('none')
})
