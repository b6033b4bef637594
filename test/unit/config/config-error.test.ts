import { expect, test } from 'vitest'
import { ConfigError, formatPath } from '../../../src/config/config-error.ts'

test.each([
  ['keys are joined by dots', ['space', 'high'], 'space.high'],
  [
    'a key that is no word stands in brackets',
    ['upstreams', 'docker.io'],
    'upstreams["docker.io"]',
  ],
  ['a key after brackets has its dot', ['upstreams', '*', 'ca'], 'upstreams["*"].ca'],
  ['a place in a list is a number', ['webhooks', 0, 'url'], 'webhooks[0].url'],
  ['a quote inside a key is escaped', ['clients', 'a"b'], 'clients["a\\"b"]'],
  ['no key at all is the whole file', [], 'the whole file'],
])('%s', (_rule, path, text) => {
  expect(formatPath(path)).toBe(text)
})

test('the message lists every problem on a line of its own', () => {
  const error = new ConfigError('mirrors.yaml', [
    { path: 'listen', found: '5000', wanted: 'an address' },
    { path: 'space.high', found: 'much', wanted: 'a share' },
  ])
  expect(error.message).toBe(
    [
      'mirrors.yaml has 2 problems:',
      '  listen: found 5000, wanted an address',
      '  space.high: found much, wanted a share',
    ].join('\n'),
  )
})

test('one problem is not called problems', () => {
  const error = new ConfigError('x', [{ path: 'a', found: 'b', wanted: 'c' }])
  expect(error.message).toMatch(/^x has 1 problem:\n/)
})
