import { describe, expect, test } from 'vitest'
import { parseOptions } from '../../../../bench/eviction/options.ts'
import { blobLru } from '../../../../bench/eviction/policies.ts'
import { measureSpread } from '../../../../bench/eviction/spread.ts'
import { formatTable } from '../../../../bench/eviction/table.ts'

describe('the options', () => {
  test('have defaults', () => {
    expect(parseOptions([])).toEqual({
      seeds: 8,
      caps: [0.02, 0.1, 0.2, 0.5],
      events: 132_000,
      uris: undefined,
      json: undefined,
    })
  })

  test('are taken from the command line', () => {
    const args = ['--seeds', '2', '--caps', '5,12.5', '--events', '10', '--json', 'f']
    expect(parseOptions(args)).toMatchObject({ seeds: 2, caps: [0.05, 0.125], json: 'f' })
    expect(parseOptions(['--help'])).toBeUndefined()
  })

  test.each([
    [['--seeds', '0'], '--seeds is "0"'],
    [['--caps', '2,,5'], '--caps names ""'],
    [['--caps', '101'], '--caps names "101"'],
    [['--caps', '0.0'], '--caps names "0.0"'],
    [['--event', '5'], "Unknown option '--event'"],
  ])('%j are refused', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message)
  })
})

test('a spread is the mean and the deviation of a sample', () => {
  expect(measureSpread([2, 4, 6])).toEqual({ mean: 4, deviation: 2 })
  expect(measureSpread([3])).toEqual({ mean: 3, deviation: 0 })
  expect(() => measureSpread([])).toThrow('no values')
})

test('the table compares trace by trace', () => {
  const run = (seed: number, policy: string, byteHits: number) => ({
    seed,
    policy,
    byteHits,
    cap: 0.1,
    objectHits: 0.5,
    pullHits: 0.25,
    manifestGets: 1500,
    evictions: 250,
  })
  const runs = [
    run(1, blobLru, 0.4),
    run(2, blobLru, 0.6),
    run(1, 'mine', 0.41),
    run(2, 'mine', 0.61),
  ]
  const lines = formatTable(runs).split('\n')
  expect(lines).toContain('cache of 10 % of all bytes')
  const cells = lines.find((line) => line.startsWith('mine'))?.split(/ {2,}/)
  // The traces are 14 points apart, the policies always 1.
  expect(cells).toEqual([
    'mine',
    '50.0 ±0.0',
    '51.0 ±14.1',
    '25.0 ±0.0',
    '+0.0 ±0.0',
    '+1.0 ±0.0',
    '+0.0 ±0.0',
    '1.5',
    '0.3',
  ])
})
