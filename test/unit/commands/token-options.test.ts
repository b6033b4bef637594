import { expect, test } from 'vitest'
import { readNewToken } from '../../../src/access/new-token.ts'
import { readTokenOptions, type TokenOptions } from '../../../src/commands/token-options.ts'

const none = { user: undefined, may: undefined, repositories: undefined, expiresAt: undefined }

test.each<[string, TokenOptions, object]>([
  ['a robot for which rules count', { name: 'ci' }, { kind: 'robot' }],
  ['a robot that may something', { name: 'ci', may: 'push, pull' }, { may: ['pull', 'push'] }],
  [
    'a robot that may it somewhere',
    { name: 'ci', may: 'pull', repositories: ['a/**', 'b'] },
    { may: ['pull'], repositories: ['a/**', 'b'] },
  ],
  ['a user', { name: 'laptop', user: 'alice' }, { kind: 'personal', user: 'alice' }],
  [
    'a user in some repositories',
    { name: 'laptop', user: 'alice', repositories: ['a'] },
    { kind: 'personal', user: 'alice', repositories: ['a'] },
  ],
  ['some time', { name: 'ci', expires: '90d' }, { expiresAt: 1000 + 90 * 86_400_000 }],
])('a token may be for %s', (_, options, said) => {
  const { name } = options
  expect(readNewToken(readTokenOptions(options, 1000), 1000)).toEqual({
    name,
    kind: 'robot',
    ...none,
    ...said,
  })
})

test.each<[Partial<TokenOptions>, string]>([
  [{ name: 'operator' }, '--name "operator" is nobody\'s name'],
  [{ name: '' }, '--name "" is no name'],
  [{ may: 'pull,fly' }, '--may "pull,fly" holds "fly": wanted pull, push, delete, admin'],
  [{ may: '' }, '--may "" holds ""'],
  [{ may: 'pull,' }, 'holds ""'],
  [{ repositories: ['a'] }, '--repositories says where may counts'],
  [{ may: 'pull', repositories: [' '] }, '--repositories " ": wanted a pattern'],
  [{ expires: '0s' }, '--expires "0s": wanted a duration above 0'],
  [{ expires: '-1d' }, '--expires "-1d": wanted a duration'],
  [{ expires: 'tomorrow' }, 'wanted a duration'],
  [{ expires: '9999999999d' }, 'wanted a duration'],
  [{ expires: '99999999d' }, 'wanted a duration'],
])('%j is wrong usage', (options, says) => {
  const parse = () => readTokenOptions({ name: 'ci', ...options }, Date.UTC(2026, 0))
  expect(parse).toThrow(expect.objectContaining({ exitCode: 2 }))
  expect(parse).toThrow(says)
})
