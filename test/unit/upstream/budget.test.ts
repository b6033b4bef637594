import { describe, expect, test } from 'vitest'
import { type Budget, isLow, readBudget } from '../../../src/upstream/budget.ts'

const hourMs = 3_600_000
const readAt = 5_000

function read(headers: Readonly<Record<string, string>>): Budget | undefined {
  return readBudget({ header: (name) => headers[name] }, readAt)
}

describe('what an upstream says of its limit', () => {
  test.each([
    ['as Docker Hub says it', '100;w=21600', '76;w=21600', [100, 76, 21_600]],
    ['with spaces', '200 ; w=3600', '0 ; w=3600', [200, 0, 3_600]],
    ['without a window, six hours', '100', '99', [100, 99, 21_600]],
    ['with more than a window', '100;w=60;burst=5', '9;w=60', [100, 9, 60]],
  ])('is read %s', (_rule, limit, remaining, [most, left, windowSeconds]) => {
    const budget = read({ 'ratelimit-limit': limit, 'ratelimit-remaining': remaining })
    expect(budget).toEqual({ limit: most, remaining: left, windowSeconds, readAt })
  })

  test('names whom it counts for, in at most a hundred characters', () => {
    const source = '1f'.repeat(500)
    const amounts = { 'ratelimit-limit': '100', 'ratelimit-remaining': '1' }
    const budget = read({ ...amounts, 'docker-ratelimit-source': source })
    expect(budget?.source).toBe(source.slice(0, 100))
  })

  test.each([
    ['nothing is said', {}],
    ['only the limit is said', { 'ratelimit-limit': '100;w=21600' }],
    ['only the rest is said', { 'ratelimit-remaining': '100;w=21600' }],
    ['no number is said', { 'ratelimit-limit': 'many', 'ratelimit-remaining': '1' }],
    ['a negative number is said', { 'ratelimit-limit': '100', 'ratelimit-remaining': '-1' }],
  ])('is unknown where %s', (_rule, headers: Readonly<Record<string, string>>) => {
    expect(read(headers)).toBeUndefined()
  })
})

describe('little is left', () => {
  const budget = { limit: 100, windowSeconds: 3_600, source: undefined, readAt }

  test.each([
    ['10 of 100 is enough', 10, 0, false],
    ['9 of 100 is little', 9, 0, true],
    ['nothing is little', 0, 0, true],
    ['little is still little at the end of the window', 9, hourMs, true],
    ['what was said before the window says nothing', 9, hourMs + 1, false],
  ])('%s', (_rule, remaining, agoMs, expected) => {
    expect(isLow({ ...budget, remaining }, readAt + agoMs)).toBe(expected)
  })

  test('not where nothing was ever said', () => {
    expect(isLow(undefined, readAt)).toBe(false)
  })

  test('not where there is no limit at all', () => {
    expect(isLow({ ...budget, limit: 0, remaining: 0 }, readAt)).toBe(false)
  })
})
