import { expect, test, vi } from 'vitest'
import { rotateSigningKey } from '../../../src/access/signing-key.ts'
import { ask } from '../../support/raw-client.ts'
import { bearer, tokenFor, withRecords } from './callers.ts'
import { startWithUsers } from './start-with-users.ts'

const scope = 'repository:team/app:pull'
const year = 365 * 86_400_000

const keyOf = (token: string): string => {
  const [head = ''] = token.split('.')
  return JSON.parse(Buffer.from(head, 'base64url').toString()).kid
}

test('a new key signs from now on, and what the one before it signed stays good', async () => {
  const server = await startWithUsers()
  const before = await tokenFor(server, scope)
  const id = await withRecords(server, (records) => rotateSigningKey(records, Date.now()))
  await vi.waitFor(async () => expect(keyOf(await tokenFor(server, scope))).toBe(id), 5_000)
  expect((await ask(server, '/v2/', { headers: bearer(before) })).status).toBe(200)
})

test('a key that was made while the clock was ahead gives way to the next one, and ends', async () => {
  const server = await startWithUsers()
  const ahead = await withRecords(server, (records) => rotateSigningKey(records, Date.now() + year))
  await vi.waitFor(async () => expect(keyOf(await tokenFor(server, scope))).toBe(ahead), 5_000)
  const before = await tokenFor(server, scope)

  const id = await withRecords(server, (records) => rotateSigningKey(records, Date.now()))

  await vi.waitFor(async () => expect(keyOf(await tokenFor(server, scope))).toBe(id), 5_000)
  expect((await ask(server, '/v2/', { headers: bearer(before) })).status).toBe(401)
})
