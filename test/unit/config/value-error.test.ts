import { expect, test } from 'vitest'
import { describeFound, describeHidden, ValueError } from '../../../src/config/value-error.ts'

test.each([
  ['nothing is said to be nothing', undefined, 'nothing'],
  ['null is what YAML makes of an empty value', null, 'nothing'],
  ['an empty text is told from nothing', '', 'an empty text'],
  ['a text is shown', 'five', 'five'],
  ['a number is shown', 5, '5'],
  ['a list is not spread out', ['hunter2'], 'a list'],
  ['a mapping is not spread out', { password: 'hunter2' }, 'a mapping'],
  ['a long text is cut', 'x'.repeat(100), `${'x'.repeat(80)}...`],
  [
    'a very long text is not searched for logins',
    'a:'.repeat(100_000),
    'a text of 200000 characters',
  ],
  ['a line break does not forge a second line', 'a\nb\u001b[2J', 'a\\nb\\u001b[2J'],
  ["a URL's login is hidden", 'https://user:hunter2@host/x', 'https://***@host/x'],
  ["a URL's user may be a token", 'https://hunter2@host', '***@host'],
  ['a password may hold an @', 'postgres://user:hun@ter2@host/db', 'postgres://***@host/db'],
  ['a login without a scheme is hidden', 'user:hunter2@host', '***@host'],
  [
    'a parameter is hidden',
    'postgres://host/db?password=hunter2',
    'postgres://host/db?password=***',
  ],
])('%s', (_rule, value, shown) => {
  expect(describeFound(value)).toBe(shown)
})

test.each([
  ['of a secret only the kind is shown', 'hunter2', 'a text (not shown)'],
  ['a number may be a secret too', 1234, 'a number (not shown)'],
  ['that there is none is no secret', undefined, 'nothing'],
])('%s', (_rule, value, shown) => {
  expect(describeHidden(value)).toBe(shown)
})

test('the message says what was found and what is wanted', () => {
  expect(new ValueError('five', 'a number').message).toBe('found five, wanted a number')
})
