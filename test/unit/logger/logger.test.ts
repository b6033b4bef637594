import { expect, test, vi } from 'vitest'
import { createGatheringLog } from '../../../src/logger/logger.ts'

const start = () => {
  const passed: string[] = []
  const log = createGatheringLog('info', (lines) => void passed.push(lines))
  return { ...log, passed }
}

test('lines are gathered, and passed on together after a moment', async () => {
  const { logger, passed } = start()
  logger.info('one')
  logger.debug('not at this level')
  logger.warn('two')
  expect(passed).toEqual([])

  await vi.waitFor(() => expect(passed).toHaveLength(1))

  const lines = passed.join('').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['one', 'two'])
})

test('many lines are passed on before that, whole, and none of them twice', () => {
  const { logger, flush, passed } = start()
  for (let index = 0; index < 1_000; index++) logger.info({ index }, 'x'.repeat(100))

  expect(passed.length).toBeGreaterThan(10)
  for (const lines of passed) {
    expect(lines.length).toBeLessThan(9_000)
    expect(lines.endsWith('\n')).toBe(true)
  }
  flush()
  flush()
  const lines = passed.join('').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line).index)).toEqual([...Array(1_000).keys()])
})
