import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { BudgetNews } from '../../../src/budget/any-budget.ts'
import { tellOfBudget } from '../../../src/notices/budget.ts'

const at = Date.UTC(2026, 10, 22, 19, 40)
const pullsPerHour = 36

test.each<[string, BudgetNews['forecast'], boolean, string]>([
  [
    'will be used up',
    { state: 'running-out', usedUpAt: at, pullsPerHour },
    true,
    'will be used up at about 2026-11-22T19:40:00.000Z: images',
  ],
  [
    'is used up',
    { state: 'used-up', backBy: at, pullsPerHour },
    true,
    'is used up until 2026-11-22T19:40:00.000Z at the latest: images',
  ],
  [
    'is nothing at all',
    { state: 'used-up', backBy: undefined, pullsPerHour },
    true,
    'is used up: images',
  ],
  ['lasts again', { state: 'enough', pullsPerHour }, false, 'lasts again: 24 remain'],
])('the log says of a limit that it %s', (_what, forecast, isShort, expected) => {
  const lines: string[] = []
  const tell = tellOfBudget(pino({ level: 'trace' }, { write: (line) => void lines.push(line) }))
  const of = { upstream: 'docker.io', account: '192.0.2.7', limit: 100, remaining: 24 }
  tell({ ...of, isShort, forecast })
  const [line = '{}'] = lines
  const { level, msg } = JSON.parse(line)
  expect(level).toBe(isShort ? 40 : 30)
  expect(msg).toContain(`docker.io's limit of 100 pulls for 192.0.2.7 ${expected}`)
})
