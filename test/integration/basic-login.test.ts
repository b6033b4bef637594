import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { basicLogin, requireBasic } from '../support/scripted-auth.ts'
import { startMirrored } from '../support/start-mirrored.ts'

const path = '/v2/team/app/manifests/1'

test('a registry that wants Basic gets the login that is configured', async () => {
  const { upstream, server } = await startMirrored({ username: 'robot', password: 'top:secret' })
  requireBasic(upstream, basicLogin('robot', 'top:secret'))
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))

  expect((await ask(server, path)).body).toEqual(image.bytes)
  expect(upstream.count(`GET ${path}`)).toBe(1)
})

test('without a challenge no login is sent', async () => {
  const { upstream, server } = await startMirrored({ username: 'robot', password: 'top-secret' })
  await upstream.repository('team/app').addImage('1', smallImage('a'))

  expect((await ask(server, path)).status).toBe(200)
  for (const { headers } of upstream.requests) expect(headers).not.toHaveProperty('authorization')
})

test.each([
  { name: 'a wrong login', settings: { username: 'robot', password: 'wrong' } },
  { name: 'no login', settings: {} },
])('$name is refused once, and nothing loops', async ({ settings }) => {
  const { upstream, server } = await startMirrored(settings)
  requireBasic(upstream, basicLogin('robot', 'top-secret'))
  await upstream.repository('team/app').addImage('1', smallImage('a'))

  const reply = await ask(server, path)

  expect(reply.status).toBe(403)
  expect(errorOf(reply).code).toBe('DENIED')
  expect(errorOf(reply).message).toContain('docker.io')
  expect(upstream.count(`GET ${path}`)).toBe(1)
})
