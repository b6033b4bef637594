// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are those of mirrors.yaml
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeInterpolation, interpolate } from '../../../src/config/environment.ts'

const environment = { NAME: 'value', EMPTY: '', TRICKY: 'a: [b]\n- ${NAME}', _low1: 'low' }

describe('a variable is put in', () => {
  test.each([
    ['a variable stands for its value', '${NAME}', 'value'],
    ['text around it stays', 'before-${NAME}-after', 'before-value-after'],
    ['a value may hold several', '${NAME}${NAME}', 'valuevalue'],
    ['lower case and underscores are allowed', '${_low1}', 'low'],
    ['a default is not used while there is a value', '${NAME:-other}', 'value'],
    ['a default stands for a missing variable', '${MISSING:-other}', 'other'],
    ['a default stands for an empty variable, as in a shell', '${EMPTY:-other}', 'other'],
    ['a default may be empty', '${MISSING:-}', ''],
    ['a default may hold dashes and colons', '${MISSING:-a:-b}', 'a:-b'],
    ['an empty variable without a default is empty', '${EMPTY}', ''],
    ['a doubled dollar stands for one', '$${NAME}', '${NAME}'],
    [
      'a doubled dollar in a default stands for one',
      '$${MISSING:-$${NAME}}',
      '${MISSING:-${NAME}}',
    ],
    ['a dollar alone is a dollar', 'pa$$word$', 'pa$$word$'],
    ['a dollar before a doubled one stays', '$$${NAME}', '$${NAME}'],
    ['what a value holds is not read again', '${TRICKY}', 'a: [b]\n- ${NAME}'],
  ])('%s', (_rule, text, expected) => {
    expect(interpolate({ key: text }, environment)).toEqual({
      data: { key: expected },
      problems: [],
    })
  })

  test('only in values, and at any depth', () => {
    const data = { '${NAME}': [{ deep: ['${NAME}'] }, 5, true, null] }
    expect(interpolate(data, environment).data).toEqual({
      '${NAME}': [{ deep: ['value'] }, 5, true, null],
    })
  })
})

describe('a variable is refused', () => {
  const wantedForm = '${NAME}, ${NAME:-default}, or $${ where a plain ${ is meant'

  test.each([
    ['a missing one without a default', '${MISSING}', '${MISSING}, which is not set'],
    ["a name from the object's prototype", '${toString}', '${toString}, which is not set'],
  ])('%s', (_rule, text, found) => {
    const name = text.slice(2, -1)
    const wanted = `the environment variable ${name}, or a default as in \${${name}:-value}`
    const { data, problems } = interpolate({ list: ['fine', { key: text }] }, environment)
    expect(problems).toEqual([{ path: 'list[1].key', found, wanted }])
    expect(data).toEqual({ list: ['fine', { key: undefined }] })
  })

  test.each([
    ['one that is not closed', 'secret${NAME'],
    ['one without a name', 'secret${}'],
    ['one that begins with a digit', 'secret${1NAME}'],
    ['a form of the shell that we do not have', 'secret${NAME-default}'],
  ])('%s, without showing the text around it', (_rule, text) => {
    const { problems } = interpolate({ key: text }, environment)
    expect(problems).toEqual([
      { path: 'key', found: 'a ${ that names no variable', wanted: wantedForm },
    ])
  })

  test('once a value, however many it holds', () => {
    expect(interpolate(['${ONE}${TWO}'], environment).problems).toHaveLength(1)
  })
})

const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.entries(value).map(([key, item]) => [key, shapeOf(item)])
}

test('a variable never changes the structure, whatever it holds', () => {
  const text = fc.constantFrom('${NAME}', 'a ${NAME} b', '${NAME:-x}', '$${NAME}', 'plain')
  const { tree } = fc.letrec((tie) => ({
    leaf: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
    list: fc.array(tie('tree'), { maxLength: 3 }),
    map: fc.dictionary(fc.string(), tie('tree'), { maxKeys: 3 }),
    tree: fc.oneof({ depthSize: 'small' }, tie('leaf'), tie('list'), tie('map')),
  }))
  fc.assert(
    fc.property(tree, fc.string(), (data, value) => {
      const result = interpolate(data, { NAME: value })
      expect(result.problems).toEqual([])
      expect(shapeOf(result.data)).toEqual(shapeOf(data))
    }),
  )
})

test('an escaped text is given back as it was', () => {
  const text = fc.array(fc.constantFrom('$', '{', '}', 'NAME', ':-', ' ')).map((it) => it.join(''))
  fc.assert(
    fc.property(text, (original) => {
      expect(interpolate([escapeInterpolation(original)], {}).data).toEqual([original])
    }),
  )
})
