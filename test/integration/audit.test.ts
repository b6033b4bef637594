import { once } from 'node:events'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { readOperatorKey } from '../../src/access/operator-key.ts'
import type { Stores } from '../../src/store/open-stores.ts'
import { openStores } from '../../src/store/open-stores.ts'
import { smallImage } from '../support/image-builder.ts'
import { pushImage } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { runCommand, writeMirrors } from '../support/run-command.ts'
import { type Entrepot, startEntrepot } from '../support/start-entrepot.ts'
import { makeFolder, startUpstream } from '../support/start-mirrored.ts'

type Line = Readonly<Record<string, unknown>>

const start = async (config: object = {}) => {
  const folder = await makeFolder()
  const upstream = await startUpstream()
  const others = { upstreams: { 'docker.io': { url: upstream.url } }, threads: 1 }
  const settings = { ...others, access: { anonymous: 'push' }, ...config }
  const server = await startEntrepot(folder, settings)
  onTestFinished(() => server.kill())
  const file = join(folder, 'mirrors.yaml')
  // One of its own: a wrong mirrors.yaml would be refused.
  const place = await writeMirrors({ data: server.data })
  const run = (...args: readonly string[]) => runCommand('audit', '--config', place, ...args)
  const list = async (...args: readonly string[]): Promise<readonly Line[]> => {
    const { code, stdout, stderr } = await run('--json', ...args)
    expect([code, stderr]).toEqual([0, ''])
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  }
  const change = async (changed: object) => {
    const { port, data } = server
    const all = { listen: `127.0.0.1:${port}`, data, ...settings, ...changed }
    await writeFile(`${file}.new`, stringify(all))
    await rename(`${file}.new`, file)
  }
  const push = (name: string, tag: string) =>
    pushImage(server, name, { tag, recipe: smallImage(`${name}:${tag}`) })
  return { folder, server, run, list, change, push }
}

/** As a command does that can read the data folder. */
const post = async (server: Entrepot, path: string, body: object) => {
  const headers = { authorization: `Bearer ${await readOperatorKey(server.data)}` }
  return ask(server, path, { method: 'POST', headers, body: JSON.stringify(body) })
}

const summary = ({ who, what, subject, result }: Line) => [who, what, subject, result].join(' ')

const expected = (digest: string) => [
  'anonymous push team/app:1 ok',
  'anonymous push library/mine:1 denied',
  'operator pin docker.io/library/node:20 ok',
  'operator unpin docker.io/library/node:20 ok',
  'operator evict the cache, to 60 % ok',
  'operator evict  failed',
  'anonymous evict  denied',
  'operator copy team/copy:2 ok',
  'operator offline on ok',
  'anonymous delete team/copy:2 ok',
  `operator delete team/app@${digest} ok`,
  'operator prune team/old ok',
  'anonymous push team/old:1 ok',
]

test.each([1, 3])('who does what is recorded, with %i threads', async (threads) => {
  const { server, list, push } = await start({ threads })
  const pushed = await push('team/app', '1')
  const { digest } = pushed.descriptor
  await ask(server, '/v2/team/app/manifests/1')
  await ask(server, '/v2/library/mine/manifests/1', { method: 'PUT', body: '{}' })
  await post(server, '/api/v1/pin', { image: 'docker.io/library/node:20' })
  await post(server, '/api/v1/unpin', { image: 'docker.io/library/node:20' })
  await post(server, '/api/v1/evict', { dryRun: true })
  await post(server, '/api/v1/evict', { to: 0.6 })
  await post(server, '/api/v1/evict', { to: 6 })
  // Escapes stand for the same.
  for (const path of ['/api/v1/evict', '/api/v1/%65vict'])
    await ask(server, path, { method: 'POST', body: '{}' })
  await post(server, '/api/v1/copy', { from: 'team/app:1', to: 'team/copy:2' })
  await post(server, '/api/v1/offline', { offline: true })
  await ask(server, `/v2/team/copy/manifests/2`, { method: 'DELETE' })
  await push('team/old', '1')
  await post(server, '/api/v1/remove', { image: `team/app@${digest}` })
  await post(server, '/api/v1/prune', { rules: [{ repositories: ['team/old'], keepLast: 0 }] })
  await delay(1_000)
  const lines = await list()
  // Threads may be told of in another order.
  expect(lines.map(summary).sort()).toEqual(expected(digest).sort())
  const find = (text: string) => lines.find((line) => summary(line).startsWith(text))
  expect(find('anonymous push team/app:1')).toMatchObject({ from: '127.0.0.1', detail: digest })
  expect(find('anonymous push library')?.detail).toMatch(/^DENIED: /)
  expect(find('operator prune')).toMatchObject({ detail: '1 image: team/old:1' })
  expect(find('anonymous evict')).toMatchObject({ times: 2 })
  expect(find('operator copy')).toMatchObject({ detail: 'from team/app:1' })
})

test('what is denied again and again is one record, whatever it is called', async () => {
  const { server, list } = await start({ access: { anonymous: 'pull' } })
  for (let number = 0; number < 60; number++) {
    const path = `/v2/team/app${number}/manifests/1`
    expect((await ask(server, path, { method: 'PUT', body: '{}' })).status).toBeGreaterThan(400)
  }
  await vi.waitFor(async () => expect(await list()).toHaveLength(21), 10_000)
  const lines = await list()
  expect(lines.at(-1)).toMatchObject({ subject: '(many)', result: 'denied', times: 40 })
})

test('a push that is refused with its first blob is recorded too', async () => {
  const { server, list } = await start({ access: { anonymous: 'pull' } })
  const headers = { authorization: 'Basic YTpi' }
  await ask(server, '/v2/team/app/blobs/uploads/', { method: 'POST', headers })
  await vi.waitFor(
    async () => expect((await list()).map(summary)).toEqual(['anonymous push team/app denied']),
    10_000,
  )
})

test('a push is recorded as what it was, also where its client left at once', async () => {
  const { server, list, push } = await start()
  const { bytes, descriptor } = await push('team/app', '1')
  const head = [
    'PUT /v2/team/app/manifests/2 HTTP/1.1',
    'Host: localhost',
    `Content-Type: ${descriptor.mediaType}`,
    `Content-Length: ${bytes.length}`,
  ]
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  socket.write(bytes, () => socket.destroy())
  await vi.waitFor(async () => expect(await list()).toHaveLength(2), 10_000)
  const isThere = (await ask(server, '/v2/team/app/manifests/2')).status === 200
  const result = isThere ? 'ok' : 'failed'
  expect((await list()).map(summary)[1]).toBe(`anonymous push team/app:2 ${result}`)
  expect(isThere).toBe(true)
})

test('a changed configuration is recorded by its keys, taken up or refused', async () => {
  const { list, change } = await start()
  await change({ pricePerGB: 'none', clients: { secret: '10.0.0.0/8' }, offline: true })
  await vi.waitFor(async () => expect(await list()).toHaveLength(1), 10_000)
  await change({ listen: 'nonsense-value' })
  await vi.waitFor(async () => expect(await list()).toHaveLength(2), 10_000)
  const lines = await list('--what', 'configure', '--who', 'operator')
  const subject = expect.stringMatching(/mirrors\.yaml$/)
  expect(lines).toMatchObject([
    { subject, result: 'ok', detail: 'offline, clients' },
    { subject, result: 'failed', detail: 'refused for listen' },
  ])
  expect(lines[0]?.from).toBeUndefined()
})

test('a server that is killed loses what happened in its last second at most', async () => {
  const { server, list, push } = await start()
  for (const tag of ['1', '2', '3']) await push('team/app', tag)
  await delay(1_000)
  await server.kill()
  expect((await list()).map(({ subject }) => subject)).toEqual(
    ['1', '2', '3'].map((tag) => `team/app:${tag}`),
  )
  const folder = join(server.data, 'audit')
  const [name = ''] = await readdir(folder)
  expect(name).toMatch(/^\d{4}-\d{2}\.jsonl$/)
  const lines = (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual(await list())
})

test('a server that stops has recorded all', async () => {
  const { server, list, push } = await start({ threads: 2 })
  await push('team/app', '1')
  await server.stop()
  expect(await list()).toHaveLength(1)
})

/** As other parts of the server will record it. */
const fill = async (server: Entrepot, count: number) => {
  const fail = (error: unknown) => {
    throw error
  }
  const callbacks = { onError: fail, onFault: fail, onRecovered: () => {} }
  const stores: Stores = await openStores(server.data, callbacks, { isGuest: true })
  const added = Array.from({ length: count }, (_, at) => ({
    at: Date.UTC(2026, 0, 1) + at * 1_000,
    lastAt: Date.UTC(2026, 0, 1) + at * 1_000,
    times: 1,
    who: at % 2 === 0 ? 'alice (token laptop)' : 'token ci',
    from: '10.0.0.1',
    what: 'push' as const,
    subject: `team/app:${at}`,
    result: 'ok' as const,
    detail: undefined,
  }))
  await stores.audit.recordAudit({ added, repeated: [] })
  await stores.close()
}

test('what would command a terminal is shown as nothing, and as JSON it is escaped', async () => {
  const { server, run } = await start()
  const image = 'team/app\u001b[31m\u009b2J\nfake \u202e<b>'
  expect((await post(server, '/api/v1/unpin', { image })).status).toBeGreaterThan(299)
  await delay(1_000)
  const [table, json] = await Promise.all([run(), run('--json')])
  expect(table.stdout.trimEnd().split('\n')).toHaveLength(2)
  for (const { stdout } of [table, json])
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(JSON.parse(json.stdout)).toMatchObject({ subject: image, result: 'failed' })
})

test('the table shows the newest, and options choose', async () => {
  const { server, run, list } = await start()
  await fill(server, 2_500)
  const table = (await run()).stdout.trimEnd().split('\n')
  expect(table).toHaveLength(201)
  expect(table[0]).toMatch(/^TIME +WHO +FROM +WHAT +SUBJECT +RESULT +TIMES +DETAIL$/)
  expect(table.at(-1)).toMatch(/^2026-01-01T\d\d:41:39 {2}token ci .* team\/app:2499 +ok +1$/)
  const subjects = (await list('--limit', '1200')).map(({ subject }) => subject)
  expect([subjects.length, subjects[0]]).toEqual([1_200, 'team/app:1300'])
  expect(await list('--who', 'alice', '--until', '2026-01-01T00:00:10Z')).toHaveLength(5)
  expect(await list('--since', '2026-01-01T00:41:30Z', '--who', 'ci')).toHaveLength(5)
  expect((await run('--from', '10.0.0.2')).stdout).toMatch(/^TIME .*\n$/)
})

test.each([
  { args: ['--since', 'yesterday'], wanted: '7d' },
  { args: ['--until', '2026-99-99'], wanted: '7d' },
  { args: ['--what', 'push,steal'], wanted: 'evict' },
  { args: ['--result', 'good'], wanted: 'denied' },
  { args: ['--limit', '0'], wanted: '100' },
])('audit says what is wrong with $args', async ({ args, wanted }) => {
  const { code, stderr } = await runCommand('audit', ...args)
  expect([code, stderr]).toEqual([2, expect.stringContaining(wanted)])
  expect(stderr).toContain(args[0])
})
