import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { hashPassword } from '../../../src/access/password-hash.ts'
import { findOperator } from '../../support/operator.ts'
import { ask, post } from '../../support/raw-client.ts'
import { startMirrored } from '../../support/start-mirrored.ts'
import type { StartedServer } from '../../support/start-server.ts'
import { addUsers, basic, bearer, type Headers, passwords, tokenFor } from './callers.ts'
import { logIn, originOf, startWithUsers } from './start-with-users.ts'

/** Each on a connection of its own: with so many, hardly a thread is left out. */
const connections = Array.from({ length: 16 }, (_, index) => index)

const whoIs = async (server: StartedServer, headers: Headers): Promise<string> => {
  const { status, body } = await ask(server, '/api/v1/session', { headers })
  return status === 200 ? JSON.parse(body.toString()).kind : String(status)
}

const changePassword = async (server: StartedServer, user: string, password: string) => {
  await writeFile(join(server.data, 'htpasswd'), `${user}:${await hashPassword(password)}\n`)
  await vi.waitFor(async () => {
    const { status } = await ask(server, '/token', { headers: basic(user, password) })
    expect(status).toBe(200)
  }, 5_000)
}

test('a browser that logged out is out, on every thread, and its token is of no use elsewhere', async () => {
  const server = await startWithUsers({ threads: 2 })
  const { cookie } = await logIn(server, 'root', passwords.root)
  const asHeader = bearer(cookie.split('=')[1] ?? '')
  for (const _ of connections) {
    expect(await whoIs(server, { cookie })).toBe('user')
    expect(await whoIs(server, asHeader)).toBe('user')
  }

  const headers = { cookie, origin: originOf(server) }
  expect((await ask(server, '/api/v1/session', { method: 'DELETE', headers })).status).toBe(200)

  for (const _ of connections) {
    expect(await whoIs(server, { cookie })).toBe('anonymous')
    expect(await whoIs(server, asHeader)).toBe('401')
  }
})

test('a login of a browser ends with the password that it began with', async () => {
  const server = await startWithUsers()
  const { cookie } = await logIn(server, 'root', passwords.root)
  const scope = 'repository:team/app:pull'
  const token = await tokenFor(server, scope, bearer(cookie.split('=')[1] ?? ''))
  expect(await whoIs(server, { cookie })).toBe('user')

  await changePassword(server, 'root', 'another one')

  expect(await whoIs(server, { cookie })).toBe('anonymous')
  const pulled = await ask(server, '/v2/team/app/tags/list', { headers: bearer(token) })
  expect(pulled.status).toBe(401)
  expect((await logIn(server, 'root', 'another one')).reply.status).toBe(200)
})

test('no login of a browser makes another one', async () => {
  const server = await startWithUsers()
  const { cookie } = await logIn(server, 'root', passwords.root)

  const { reply } = await logIn(server, 'root', cookie.split('=')[1] ?? '')

  expect(reply.status).toBe(403)
  expect(reply.headers).not.toHaveProperty('set-cookie')
})

test('what /token gives to the operator is for its scope, for a while, and as long as the key is', async () => {
  const { server, restart } = await startMirrored()
  await addUsers(server)
  const scope = 'repository:team/app:pull'
  const { headers } = await findOperator(server.data)
  const token = bearer(await tokenFor(server, scope, headers))

  expect((await ask(server, '/token', { headers: token })).status).toBe(401)
  expect((await post(server, '/api/v1/offline', { offline: false }, token)).status).toBe(401)
  expect((await ask(server, '/v2/team/other/tags/list', { headers: token })).status).toBe(401)
  expect((await ask(server, '/v2/team/app/tags/list', { headers: token })).status).not.toBe(401)

  await rm(join(server.data, 'operator.key'))
  const again = await restart()
  expect((await ask(again, '/v2/team/app/tags/list', { headers: token })).status).toBe(401)
})
