import { expect, test } from 'vitest'
import type { AnyLogins, Identified } from '../../../src/access/any-logins.ts'
import type { Scope } from '../../../src/access/caller.ts'
import { KnownCallers } from '../../../src/access/known-callers.ts'

const asker = { address: '192.0.2.1', network: '192.0.2.1' }
const scopesOf = (count: number): Scope[] =>
  Array.from({ length: count }, (_, index) => {
    return { type: 'repository', name: `team/${index}`, actions: ['pull'] }
  })

const begin = (scopeCount: number) => {
  const asked: string[] = []
  const waiting: (() => void)[] = []
  const identify: AnyLogins['identify'] = async (credentials) => {
    asked.push(credentials.kind === 'bearer' ? credentials.token : credentials.user)
    if (credentials.kind === 'password') {
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    const caller = { kind: 'anonymous', scopes: scopesOf(scopeCount) } as const
    return { caller, identity: 'anonymous', validUntil: 1 } satisfies Identified
  }
  const known = new KnownCallers({ logins: { identify } as AnyLogins, now: () => 0 })
  const bring = (header: string, network = asker.network) =>
    known.identify(header, { kind: 'bearer', token: header }, { ...asker, network })
  const type = (user: string, network = asker.network) =>
    known.identify(user, { kind: 'password', user, password: 'x' }, { ...asker, network })
  const answer = () => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  return { known, asked, bring, type, answer }
}

test.each([
  ['without scopes', 0, true],
  ['with fifty scopes', 50, false],
])('of a thousand that come %s, as many are remembered as there is room for', async (...row) => {
  const [, scopeCount, isKnown] = row
  const { known, bring } = begin(scopeCount)
  for (let index = 0; index < 1_000; index++) await bring(`header ${index}`)
  expect(known.peek('header 999')).toBeDefined()
  expect(known.peek('header 0') !== undefined).toBe(isKnown)
})

test('the same from one network is found out once at a time, and from another by itself', async () => {
  const { asked, type, answer } = begin(0)
  const all = [type('alice'), type('alice'), type('alice', 'elsewhere'), type('bob')]
  answer()
  await Promise.all(all)
  expect(asked).toEqual(['alice', 'alice', 'bob'])
})

test('who comes once something has changed waits for no answer from before', async () => {
  const { known, asked, type, answer } = begin(0)
  const before = type('alice')
  known.forgetAll()
  const after = type('alice')
  answer()
  await Promise.all([before, after])
  expect(asked).toEqual(['alice', 'alice'])
})
