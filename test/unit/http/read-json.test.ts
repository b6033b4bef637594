import { expect, test } from 'vitest'
import { readObject, readRules, readText } from '../../../src/http/read-json.ts'

const nested = (depth: number) => `${'{"0":'.repeat(depth)}1${'}'.repeat(depth)}`

test('what is nested deep is refused, before anything has to be repeated of it', () => {
  const refused = expect.objectContaining({ code: 'MANIFEST_INVALID', status: 400 })
  expect(() => readObject(`{"image":${nested(10_000)}}`, ['image'])).toThrow(refused)
  const fields = readObject(`{"image":${nested(10)}}`, ['image'])
  expect(() => readText(fields, 'image')).toThrow('found {"0":{"0":')
})

test('a rule names no images by a pattern that was meant to spare some', () => {
  const rule = (...repositories: string[]) => [{ repositories, keepLast: 1 }]
  expect(readRules(rule('iac/**', '!(a|b)'))).toHaveLength(1)
  expect(() => readRules(rule('iac/**', '!iac/kept/**'))).toThrow('patterns without "!" in front')
})
