import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../../src/config/parse-yaml.ts'

test.each([
  ['an empty text is nothing', '', null],
  ['comments alone are nothing', '# listen\n', null],
  ['a key may look like a number', 'clients: {1: a}', { clients: { 1: 'a' } }],
  ['yes and on are texts', 'a: yes\nb: on', { a: 'yes', b: 'on' }],
  ['an anchor may be used again', 'a: &x {b: 1}\nc: *x', { a: { b: 1 }, c: { b: 1 } }],
])('%s', (_rule, text, data) => {
  expect(parseYaml(text)).toEqual({ data, problems: [] })
})

describe('a mistake is reported with its place', () => {
  test.each([
    ['a key that stands twice', 'a: 1\nb:\n  c: 1\n  c: 2', 'line 4, column 3', /here already/],
    ['a list that is not closed', 'a: [1, 2\nb: 3', 'line 2, column 1', /mistake/],
    ['a tab as indentation', 'a:\n\tb: 1', 'line 2, column 1', /tab/],
    ['a quote that is not closed', 'a: "b', 'line 1, column 6', /Missing closing/],
    ['a second document', 'a: 1\n---\nb: 2', 'line 2, column 1', /second document/],
    ['a variable without quotes in braces', `a: {b: \${C}}`, 'line 1, column 9', /cannot read/],
    ['an unknown tag', 'a: !x b', 'line 1, column 4', /begins with !/],
    ['an unknown alias', 'a: *x', 'the whole file', /without its anchor/],
  ])('%s', (_rule, text, path, found) => {
    const { problems } = parseYaml(text)
    expect(problems).toEqual([
      { path, found: expect.stringMatching(found), wanted: expect.anything() },
    ])
  })

  test('several keys that stand twice are several problems', () => {
    expect(parseYaml('a: 1\na: 2\nb: 1\nb: 2').problems).toHaveLength(2)
  })
})

test.each([
  ['a tag', 'password: !hunter2 x'],
  ['an alias', 'password: *hunter2'],
  ['an escape', 'password: "\\hunter2"'],
  ['an open quote', 'password: "hunter2\nlisten: x'],
  ['an open bracket', 'password: [hunter2\nlisten: x'],
  ['a text after a quote', 'password: "x" hunter2'],
  ['a text between brackets', 'password: {x} hunter2'],
  ['a text after a colon', 'password: a: hunter2'],
])('a problem with %s does not show a password', (_rule, text) => {
  const { problems } = parseYaml(text)
  expect(problems).not.toEqual([])
  expect(JSON.stringify(problems)).not.toContain('unter2')
})
