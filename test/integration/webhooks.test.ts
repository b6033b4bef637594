import { createHmac } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { HookReceiver } from '../support/hook-receiver.ts'
import { smallImage } from '../support/image-builder.ts'
import { MovableClock } from '../support/movable-clock.ts'
import { pushImage } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { startEntrepot } from '../support/start-entrepot.ts'
import { makeFolder, startServerForTest } from '../support/start-mirrored.ts'
import { type Settings, type StartedServer, startServer } from '../support/start-server.ts'

const access = { anonymous: 'push' }
const upstreams = { 'docker.io': { url: 'http://127.0.0.1:9' } }

const start = async (webhooks: readonly object[], clock = systemClock) => {
  const settings = (changed: readonly object[]): Settings => ({
    upstreams,
    access,
    webhooks: changed,
  })
  const server = await startServerForTest(await makeFolder(), settings(webhooks), clock)
  /** Takes up others, and tries again at once what failed. */
  const change = (changed: readonly object[] = webhooks) => server.configure(settings(changed))
  return { server, change }
}

const push = (server: { port: number }, tag: string) =>
  pushImage(server, 'team/app', { tag, recipe: smallImage('a') })

const isLogged = (server: StartedServer, text: RegExp) =>
  vi.waitFor(
    () =>
      expect(server.log.map(({ msg }) => String(msg))).toContainEqual(expect.stringMatching(text)),
    5_000,
  )

const pushesTo = ({ url }: HookReceiver) => ({ url, events: ['push'] })

const tagsOf = ({ received }: HookReceiver) =>
  received.map(({ event }) => (event.data.tags as string[])[0])

test('a hook is told of what it names, signed, with the login of its URL, and none of it is logged', async () => {
  const hook = await HookReceiver.start()
  const url = `http://me:p%40ss@127.0.0.1:${hook.port}/way?key=hidden`
  const { server } = await start([{ url, secret: 'hush', events: ['push'] }])
  const { descriptor } = await push(server, '1')
  await server.post('/api/v1/remove', { image: 'team/app:1' })
  await push(server, '2')

  const [first] = await hook.wait(2)
  expect(first?.event).toMatchObject({
    specversion: '1.0',
    type: 'io.entrepot.push',
    subject: 'team/app:1',
    data: { repository: 'team/app', tags: ['1'], digest: descriptor.digest },
  })
  expect(tagsOf(hook)).toEqual(['1', '2'])
  expect(first).toMatchObject({
    url: '/way?key=hidden',
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
      'x-entrepot-signature-256': `sha256=${createHmac('sha256', 'hush')
        .update(first?.body ?? '')
        .digest('hex')}`,
    },
  })
  hook.status = 500
  await push(server, '3')
  await isLogged(
    server,
    /^webhooks\[0\] \(http:\/\/127\.0\.0\.1:\d+\) takes no events: it answered 500/,
  )
  expect(JSON.stringify(server.log)).not.toMatch(/hush|p%40ss|p@ss|hidden/)
})

test('what isn’t taken is tried again, in its order, and holds up no other hook', async () => {
  const [failing, other] = [await HookReceiver.start(), await HookReceiver.start()]
  const { server, change } = await start([pushesTo(failing), pushesTo(other)])
  failing.status = 500
  for (const tag of ['1', '2']) await push(server, tag)
  await other.wait(2)
  await isLogged(server, /it answered 500; they wait/)
  failing.status = 302
  failing.headers = { location: other.url }
  await change()
  await failing.wait(2)
  await failing.stop()
  await push(server, '3')
  await other.wait(3)
  await failing.start()
  failing.status = 200
  await change()

  await isLogged(server, /takes events again/)
  await failing.wait(5)
  expect(tagsOf(failing)).toEqual(['1', '1', '1', '2', '3'])
  expect(tagsOf(other)).toEqual(['1', '2', '3'])
  const ids = failing.received.map(({ event }) => event.id)
  expect(new Set(ids.slice(0, 3)).size).toBe(1)
})

test('by itself it is tried again some seconds later', async () => {
  const hook = await HookReceiver.start()
  const { server } = await start([pushesTo(hook)])
  hook.status = 503
  await push(server, '1')
  await hook.wait(1)
  hook.status = 200
  const [first, second] = await hook.wait(2)
  expect(second?.body).toBe(first?.body)
})

test('a hook that names no events is told of all, but of no pulls', async () => {
  const hook = await HookReceiver.start()
  const { server } = await start([{ url: hook.url }])
  await push(server, '1')
  await ask(server, '/v2/team/app/manifests/1')
  await server.post('/api/v1/remove', { image: 'team/app:1' })
  await vi.waitFor(() => {
    const types = hook.received.map(({ event }) => event.type)
    expect(types.toSorted()).toEqual([
      'io.entrepot.delete',
      'io.entrepot.push',
      'io.entrepot.upstream-down',
    ])
  }, 10_000)
})

test('what nobody takes for a day is given up', async () => {
  const clock = new MovableClock()
  const hook = await HookReceiver.start()
  hook.status = 500
  const { server, change } = await start([pushesTo(hook)], clock)
  for (const tag of ['1', '2']) await push(server, tag)
  await hook.wait(1)
  clock.advance(24 * 3_600_000 + 1_000)
  await push(server, '3')
  await change()
  await isLogged(server, /events given up: 2$/)
  hook.status = 200
  await change()
  await vi.waitFor(() => expect(tagsOf(hook)).toEqual(['1', '1', '3']), 5_000)
})

test('what waits for a hook that is taken out of mirrors.yaml is dropped, and of the others none', async () => {
  const [gone, other] = [await HookReceiver.start(), await HookReceiver.start()]
  const both = [pushesTo(gone), pushesTo(other)]
  const { server, change } = await start(both)
  gone.status = 500
  other.status = 500
  await push(server, '1')
  await Promise.all([gone.wait(1), other.wait(1)])
  await change([pushesTo(other)])
  await other.wait(2)
  gone.status = 200
  other.status = 200
  await change(both)
  await other.wait(3)
  await push(server, '2')
  await gone.wait(2)
  expect(tagsOf(gone)).toEqual(['1', '2'])
})

test('what waits outlasts a kill, and is told by the next run', async () => {
  const hook = await HookReceiver.start()
  await hook.stop()
  const folder = await makeFolder()
  const config = { upstreams, access, threads: 1, webhooks: [pushesTo(hook)] }
  const server = await startEntrepot(folder, config)
  onTestFinished(() => server.stop())
  for (const tag of ['1', '2', '3']) await push(server, tag)
  await vi.waitFor(async () => {
    const told = (await server.readLog()).some(({ msg }) => /can't be reached/.test(msg))
    expect(told).toBe(true)
  }, 10_000)
  await server.kill()
  await hook.start()

  const again = await startServer(folder, config)
  onTestFinished(() => again.stop())
  await hook.wait(3)
  expect(tagsOf(hook)).toEqual(['1', '2', '3'])
})
