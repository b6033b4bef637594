import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { ConfigWatcher } from '../../src/config/watch-config.ts'
import { makeBytes, smallImage } from '../support/image-builder.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { requireBearer } from '../support/scripted-auth.ts'
import { holdAfter, makeGate, waitFor } from '../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored, startUpstream } from '../support/start-mirrored.ts'

const path = '/v2/team/app/manifests/1'

test('a changed mirrors.yaml adds an upstream to a server that runs on', async () => {
  const other = await startUpstream()
  const image = await other.repository('team/app').addImage('1', smallImage('ghcr'))
  const { upstream, server, settings } = await startMirrored()
  const file = join(server.data, '..', 'mirrors.yaml')
  const refused: Error[] = []
  const watcher = await ConfigWatcher.open({
    file,
    environment: {},
    settleMs: 5,
    onChange: (config) => server.takeUp(config),
    onRefused: (error) => refused.push(error),
  })
  onTestFinished(() => watcher.close())
  const replace = async (text: string) => {
    await writeFile(`${file}.new`, text)
    await rename(`${file}.new`, file)
  }
  expect((await ask(server, `/v2/ghcr.io/team/app/manifests/1`)).status).toBe(404)

  await replace('upstreams: {ghcr.io: {url: nonsense}}')
  await vi.waitFor(() => expect(refused).toHaveLength(1), 5_000)
  expect((await ask(server, path)).status).toBe(404)

  const upstreams = { 'docker.io': { url: upstream.url }, 'ghcr.io': { url: other.url } }
  await replace(stringify({ ...settings, upstreams }))
  await vi.waitFor(async () => {
    const reply = await ask(server, `/v2/ghcr.io/team/app/manifests/1`)
    expect(reply.body).toEqual(image.bytes)
  }, 5_000)
})

test('an upstream that is gone from the configuration is refused', async () => {
  const { upstream, server } = await startMirrored()
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, path)
  await server.configure({ upstreams: { 'ghcr.io': {} }, defaultUpstream: 'ghcr.io' })

  expect((await ask(server, '/v2/docker.io/team/app/manifests/1')).status).toBe(404)
})

test('what is kept and the tokens outlive a reload that is not about them', async () => {
  const { upstream, server, settings } = await startMirrored()
  requireBearer(upstream)
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, path)
  await server.configure({
    ...settings,
    upstreams: { ...Object(settings.upstreams), 'ghcr.io': {} },
  })

  expect((await ask(server, path)).headers['x-entrepot-cache']).toBe('hit')
  expect((await ask(server, `/v2/team/app/blobs/${image.layers[0]?.digest}`)).status).toBe(200)
  expect(upstream.count(/^GET \/token/)).toBe(1)
})

const withTagTtl = (url: string, tagTtl: string) => ({
  upstreams: { 'docker.io': { url, tagTtl } },
})

test('a fetch that is under way goes on when its upstream is configured anew', async () => {
  const { upstream, server } = await startMirrored()
  const bytes = makeBytes('reload', 3_000_000)
  const digest = upstream.repository('team/app').addBlob(bytes)
  const blobPath = `/v2/team/app/blobs/${digest}`
  const gate = makeGate()
  upstream.script(`GET ${blobPath}`, holdAfter(1_000_000, gate))
  const reply = await openReply(server, blobPath)
  await reply.read(500_000)

  await server.configure(withTagTtl(upstream.url, '7m'))
  gate.open()

  expect((await reply.finish()).body.equals(bytes)).toBe(true)
  await pullUntilKept(server, blobPath)
  expect(upstream.count(/^GET .*blobs/)).toBe(1)
})

test.each([
  { name: 'its challenge', match: /^GET \/v2\/$/ },
  { name: 'its token', match: /^GET \/token/ },
])(
  'a pull that waits for $name goes on when its upstream is configured anew',
  async ({ match }) => {
    const { upstream, server } = await startMirrored()
    requireBearer(upstream)
    const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
    const gate = makeGate()
    const mend = upstream.script(match, waitFor(gate))
    const pull = ask(server, path)
    await upstream.received(match)
    mend()

    await server.configure(withTagTtl(upstream.url, '7m'))
    gate.open()

    const reply = await pull
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual(image.bytes)
  },
)
