import { beforeAll, expect, test } from 'vitest'
import { ask } from '../../support/raw-client.ts'
import { type StartedServer, startServer } from '../../support/start-server.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { addUsers, bearer, type Headers, oldToken, tokenFor, withRecords } from './callers.ts'

const path = '/v2/team/app/tags/list'
const scope = { type: 'repository', name: 'team/app', actions: ['pull'] }

let server: StartedServer

beforeAll(async () => {
  const directory = await makeTemporaryDirectory()
  server = await startServer(directory.path, { offline: true, access: { anonymous: 'none' } })
  await addUsers(server)
  return async () => {
    await server.stop()
    await directory.remove()
  }
})

const readChallenge = async (headers: Headers) => {
  const reply = await ask(server, path, { headers })
  expect(reply.status).toBe(401)
  return String(reply.headers['www-authenticate'])
}

const issueBefore = (ageMs: number) =>
  withRecords(server, async (records) =>
    bearer((await oldToken(records, { identity: 'anonymous', scope, ageMs })).token),
  )

test('who brings no token is told of no fault', async () => {
  expect(await readChallenge({})).toMatch(/scope="repository:team\/app:pull"$/)
})

test('who brings one that is none of ours, or has ended, is told so', async () => {
  for (const headers of [bearer('a.b.c'), await issueBefore(2 * 3_600_000)])
    expect(await readChallenge(headers)).toMatch(/,error="invalid_token"$/)
})

test('who brings one for something else is told what for it has to be', async () => {
  const other = bearer(await tokenFor(server, 'repository:team/other:pull'))
  expect(await readChallenge(other)).toMatch(
    /scope="repository:team\/app:pull",error="insufficient_scope"$/,
  )
})

test('one is taken for longer than its client was told', async () => {
  const reply = await ask(server, path, { headers: await issueBefore(50 * 60_000) })
  expect(reply.status).toBe(403)
  expect(reply.body.toString()).toContain('only who is logged in may pull')
})
