import { validateHeaderValue } from 'node:http'
import { expect } from 'vitest'
import { HtpasswdError, parseHtpasswd } from '../../src/access/htpasswd.ts'
import { makeToken, parseToken } from '../../src/access/token-secret.ts'
import { readScopes } from '../../src/http/challenge.ts'
import { readCredentials } from '../../src/http/credentials.ts'
import { RegistryError } from '../../src/oci/registry-error.ts'
import { expectReading } from './expect-reading.ts'
import { fuzzTable, row } from './fuzz-table.ts'
import { mutated } from './mutations.ts'

const { text: token } = makeToken()
const hash = `$2y$10$${'a'.repeat(53)}`
const headers = mutated([
  'Basic YWxpY2U6d29uZGVybGFuZA==',
  'basic Og==',
  `Bearer ${token}`,
  `Bearer ${'x'.repeat(400)}.${'y'.repeat(400)}.${'z'.repeat(43)}`,
])
const scopes = mutated([
  'repository:team/app:pull,push',
  'repository:host:5000/team/app:pull repository:b:*',
  'registry:catalog:*',
])
const files = mutated([`# users\nalice:${hash}\n\nbob:{SHA}x\nalice:${hash}:more\n`, `a:${hash}`])

fuzzTable(
  [
    row('an Authorization header is one of two things', headers, (text) => {
      const credentials = expectReading(() => readCredentials(text), [RegistryError])
      if (credentials?.kind === 'bearer') expect(credentials.token).toMatch(/^[\w.~+/=-]+$/)
      if (credentials?.kind === 'password') expect(credentials.user).not.toContain(':')
    }),
    row('scopes are few, and may stand in a challenge', scopes, (text) => {
      const read = expectReading(() => readScopes([text, text]), []) ?? []
      expect(read.length).toBeLessThanOrEqual(50)
      for (const { type, actions } of read) {
        expect(['repository', 'registry']).toContain(type)
        for (const action of actions) validateHeaderValue('WWW-Authenticate', action)
      }
    }),
    row('a token is the one that it was made as', mutated([token]), (text) => {
      const parsed = expectReading(() => parseToken(text), [])
      if (parsed) expect(text).toContain(parsed.id)
    }),
    row('a password file gives users with names of users', files, (text) => {
      const parsed = expectReading(() => parseHtpasswd(text), [HtpasswdError])
      for (const name of parsed?.users.keys() ?? []) expect(name).toMatch(/^[\w.@-]{1,64}$/)
    }),
  ],
  { share: 0.05 },
)
