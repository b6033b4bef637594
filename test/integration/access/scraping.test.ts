import { expect, test } from 'vitest'
import { ask } from '../../support/raw-client.ts'
import { addToken, basic, bearer, type Headers, passwords, withRecords } from './callers.ts'
import { startWithUsers } from './start-with-users.ts'

test('where nobody may pull without a login, Prometheus scrapes with any login, as it can send it', async () => {
  const server = await startWithUsers()
  // As README has it: good for nothing else.
  const token = await withRecords(server, (records) =>
    addToken(records, { name: 'prometheus', may: ['pull'], repositories: ['none'] }),
  )
  const scrape = (headers: Headers) => ask(server, '/metrics', { headers })

  for (const headers of [bearer(token), basic('', token), basic('alice', passwords.alice)])
    expect((await scrape(headers)).status).toBe(200)
  const refused = await scrape({})
  expect(refused.status).toBe(401)
  expect(refused.headers['www-authenticate']).toBe('Bearer realm="entrepot"')
  expect(refused.body.toString()).toMatch(/^[^{]+log/)
  expect((await ask(server, '/api/v1/pins', { headers: bearer(token) })).status).toBe(403)
})
