import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { ask } from '../../support/raw-client.ts'
import { makeFolder, startServerForTest } from '../../support/start-mirrored.ts'
import { basic, bearer, passwords } from './callers.ts'
import { startWithUsers } from './start-with-users.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const tokenIn = (body: Buffer): string => JSON.parse(body.toString()).token

test('a right password that comes on many connections at once is tried once', async () => {
  const server = await startWithUsers()
  const headers = basic('alice', passwords.alice)

  const replies = await Promise.all(
    Array.from({ length: 20 }, () => ask(server, '/token', { headers })),
  )

  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200))
})

test('a wrong one is slowed down all the same, however many connections bring it', async () => {
  const server = await startWithUsers()
  const guess = async (password: string) =>
    (await ask(server, '/token', { headers: basic('alice', password) })).status

  const guesses = Array.from({ length: 12 }, (_, index) => guess(`guess ${index >> 1}`))

  expect(new Set(await Promise.all(guesses))).toEqual(new Set([401, 429]))
})

test('as long as there are no users, the login of another registry is not looked at, nor noted', async () => {
  const upstreams = { 'docker.io': { url: 'http://127.0.0.1:9' } }
  const server = await startServerForTest(await makeFolder(), { upstreams })
  const body = 'grant_type=password&username=hub-user&password=hub-secret&service=x'

  const asForm = await ask(server, '/token', { method: 'POST', headers: form, body })
  const asHeader = await ask(server, '/token', { headers: basic('hub-user', 'hub-secret') })
  expect([asForm.status, asHeader.status]).toEqual([200, 200])

  await server.stop()
  const folder = join(server.data, 'audit')
  const files = await vi.waitFor(() => readdir(folder).catch(() => []))
  for (const file of files) expect(await readFile(join(folder, file), 'utf8')).not.toContain('hub-')
  expect(JSON.stringify(server.log)).not.toContain('hub-')
})

test('a token for however many scopes is one that is read again', async () => {
  const server = await startWithUsers()
  const scopes = Array.from({ length: 50 }, (_, index) => {
    return `scope=repository:team/${'a'.repeat(200)}${index}:pull,push`
  })
  const actions = `scope=repository:team/app:pull${',pull'.repeat(1_500)}`
  for (const query of [scopes.join('&'), actions, `${scopes.join('&')}&${actions}`]) {
    const { body } = await ask(server, `/token?${query}`, {
      headers: basic('alice', passwords.alice),
    })
    const { status } = await ask(server, '/v2/', { headers: bearer(tokenIn(body)) })
    expect(status).toBe(200)
  }
})
