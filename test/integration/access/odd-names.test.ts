import { expect, test } from 'vitest'
import { ask } from '../../support/raw-client.ts'
import { bearer, tokenFor } from './callers.ts'
import { startWithUsers } from './start-with-users.ts'

test.each([
  ['a line of its own', '/v2/a%0d%0aX-Own:%20b/app/manifests/1'],
  ['a character that no header holds', '/v2/a%E2%82%AC/app/manifests/1'],
  ['a NUL', '/v2/a%00/app/tags/list'],
  ['a quote', '/v2/a%22,realm=%22http:/evil.example/manifests/1'],
  ['a backslash', '/v2/a%5C/app/manifests/1'],
])(
  'who is nobody is refused at a name with %s, and the challenge leaves it out',
  async (_, path) => {
    const server = await startWithUsers()
    const another = await tokenFor(server, 'repository:team/app:pull')

    for (const token of ['wrong', another]) {
      const { status, headers } = await ask(server, path, { headers: bearer(token) })
      expect(status).toBe(401)
      expect(headers['www-authenticate']).toMatch(
        /^Bearer realm="[^"]*",service="[^"]*",error="(invalid_token|insufficient_scope)"$/,
      )
      expect(headers).not.toHaveProperty('x-own')
    }
    expect(server.log.filter(({ level }) => Number(level) >= 50)).toEqual([])
  },
)
