import { describe, expect, test } from 'vitest'
import { type Forecast, forecast, isShort } from '../../../src/budget/forecast.ts'
import type { BudgetSample } from '../../../src/store/budget-records.ts'

const minuteMs = 60_000
const slotMs = 5 * minuteMs
const noon = Date.UTC(2026, 10, 22, 12)
const windowSeconds = 21_600

type Heard = readonly [minutes: number, remaining: number, others?: Partial<BudgetSample>]

/** What was heard so many minutes after noon. */
const hear = (...heard: readonly Heard[]): readonly BudgetSample[] =>
  heard.map(([minutes, remaining, others]) => {
    const heardAt = noon + minutes * minuteMs
    const at = heardAt - (heardAt % slotMs)
    const of = { upstream: 'docker.io', account: '192.0.2.7', limit: 100, windowSeconds }
    return { ...of, at, heardAt, remaining, lowest: remaining, ...others }
  })

const after = (minutes: number) => noon + minutes * minuteMs

/** Pulls of a real sliding window, as it would be heard of every five minutes. */
const simulate = (pullsAt: (minute: number) => number, until: number, limit = 100) => {
  const pulls: { at: number; count: number }[] = []
  const used = (minute: number) =>
    pulls.filter(({ at }) => at > minute - 360).reduce((sum, { count }) => sum + count, 0)
  const heard: Heard[] = []
  for (let minute = 0; minute <= until; minute += 5) {
    const count = Math.min(pullsAt(minute), limit - used(minute))
    if (count > 0) pulls.push({ at: minute, count })
    heard.push([minute, limit - used(minute), { limit }])
  }
  return {
    samples: hear(...heard),
    /** When the next pulls find nothing, if they go on so. */
    findEnd: () => {
      for (let minute = until + 5; ; minute += 5) {
        const count = pullsAt(minute)
        if (used(minute) + count >= limit) return minute
        if (minute > until + 1440) return undefined
        if (count > 0) pulls.push({ at: minute, count })
      }
    },
  }
}

test('says nothing where nothing was heard', () => {
  expect(forecast([], noon)).toBeUndefined()
})

describe('a steady use', () => {
  test.each([
    [2, 120],
    [3, 60],
    [4, 45],
    [5, 60],
  ])('of %i pulls in five minutes, known for %i minutes, ends when it does', (count, known) => {
    const { samples, findEnd } = simulate(() => count, known)
    const found = forecast(samples, after(known))
    expect(found).toMatchObject({ state: 'running-out', pullsPerHour: count * 12 })
    const end = found?.state === 'running-out' ? (found.usedUpAt - noon) / minuteMs : 0
    expect(Math.abs(end - (findEnd() ?? 0))).toBeLessThanOrEqual(10)
  })

  test('that comes back as fast as it goes is enough, however long it goes on', () => {
    // 90 in six hours.
    for (const known of [30, 180, 355, 600, 1_200]) {
      const { samples } = simulate((minute) => (minute % 20 === 0 ? 5 : 0), known)
      expect(forecast(samples, after(known))).toMatchObject({ state: 'enough' })
    }
  })

  test('is known for what it is while as much comes back as goes', () => {
    const { samples } = simulate((minute) => (minute % 20 === 0 ? 5 : 0), 600)
    expect(forecast(samples, after(600))?.pullsPerHour).toBe(15)
  })
})

describe('bursts', () => {
  const burst = hear([0, 100], [5, 60], [10, 40])

  test('run out at their pace while they last', () => {
    // 60 pulls within a quarter of an hour, the shortest time that counts.
    expect(forecast(burst, after(10))).toEqual({
      state: 'running-out',
      pullsPerHour: 240,
      usedUpAt: after(20),
    })
  })

  test('are over once nobody has pulled for an hour', () => {
    expect(forecast(burst, after(75))).toEqual({ state: 'enough', pullsPerHour: 0 })
  })

  test('come back together', () => {
    const samples = hear([0, 100], [5, 20], [200, 20], [330, 10])
    // At 10 an hour 80 are back before the last 10 are gone.
    expect(forecast(samples, after(330))).toMatchObject({ state: 'enough', pullsPerHour: 10 })
  })

  test('that left less than it takes until they come back run out', () => {
    const samples = hear([0, 100], [5, 20], [200, 20], [300, 4])
    const end = { state: 'running-out', usedUpAt: after(315) }
    expect(forecast(samples, after(300))).toMatchObject(end)
  })
})

describe('a limit that is used up', () => {
  test('gets its first pulls back a window after they were made', () => {
    const samples = hear([0, 100], [15, 80], [30, 0])
    const expected = { state: 'used-up', backBy: after(15 + 360) }
    expect(forecast(samples, after(60))).toMatchObject(expected)
    expect(forecast(samples, after(374))).toMatchObject(expected)
    expect(forecast(samples, after(375))).toMatchObject({ state: 'enough' })
  })

  test('when it was first heard of has them back a window later at the latest', () => {
    expect(forecast(hear([0, 0]), after(1))).toEqual({
      state: 'used-up',
      pullsPerHour: 0,
      backBy: after(360),
    })
  })

  test('is refilled earlier where upstream says so', () => {
    const samples = hear([0, 0], [30, 5])
    expect(forecast(samples, after(30))).toMatchObject({ state: 'enough' })
  })

  test('of nothing at all never gets any back', () => {
    const samples = hear([0, 0, { limit: 0 }])
    expect(forecast(samples, after(1))).toMatchObject({ state: 'used-up', backBy: undefined })
  })

  test('counts what a slot had lowest only where that was its end', () => {
    const samples = hear([0, 100], [5, 30, { lowest: 0 }])
    expect(forecast(samples, after(5))).toMatchObject({ state: 'running-out' })
  })
})

test('pulls of long before the first word are no pace', () => {
  expect(forecast(hear([0, 30], [5, 30]), after(5))).toEqual({ state: 'enough', pullsPerHour: 0 })
})

test('pulls during a silence of a window or more are no pace either', () => {
  const samples = hear([0, 100], [400, 50])
  expect(forecast(samples, after(401))).toEqual({ state: 'enough', pullsPerHour: 0 })
})

test('a window that begins anew is no use that goes on', () => {
  const samples = hear([0, 100], [30, 40], [60, 20], [65, 100], [70, 99])
  expect(forecast(samples, after(70))).toMatchObject({ state: 'enough', pullsPerHour: 1 })
})

test('after a window began anew, pulls from before it do not come back', () => {
  const samples = hear([0, 100], [30, 0], [65, 100], [70, 60], [75, 0])
  expect(forecast(samples, after(75))).toMatchObject({ state: 'used-up', backBy: after(70 + 360) })
})

test.each<[string, readonly Heard[]]>([
  [
    'a higher limit',
    [
      [0, 10],
      [5, 110, { limit: 200 }],
    ],
  ],
  [
    'a lower limit',
    [
      [0, 190, { limit: 200 }],
      [5, 40],
    ],
  ],
])('%s is no use', (_what, heard) => {
  expect(forecast(hear(...heard), after(6))).toEqual({ state: 'enough', pullsPerHour: 0 })
})

test('the limit that was said last counts', () => {
  const samples = hear([0, 0], [5, 99, { limit: 200 }], [10, 98, { limit: 200 }])
  expect(forecast(samples, after(10))).toMatchObject({ state: 'enough' })
})

test('two accounts have nothing of each other', () => {
  const [used, idle] = [hear([0, 100], [5, 0]), hear([0, 100], [5, 100])]
  expect(forecast(used, after(5))).toMatchObject({ state: 'used-up' })
  expect(forecast(idle, after(5))).toEqual({ state: 'enough', pullsPerHour: 0 })
})

describe('a clock that was set', () => {
  test('forward ends the window too early, and then what is heard counts', () => {
    const samples = hear([0, 100], [5, 20], [2_000, 15])
    expect(forecast(samples, after(2_000))).toEqual({ state: 'enough', pullsPerHour: 0 })
  })

  test('back leaves samples that are yet to come, which count for nothing', () => {
    const samples = hear([0, 100], [30, 94], [2_000, 0])
    expect(forecast(samples, after(30))).toMatchObject({ state: 'enough', pullsPerHour: 12 })
    expect(forecast(samples.slice(2), after(30))).toBeUndefined()
  })
})

test('a short window is taken as it is', () => {
  const minute = { windowSeconds: 60, limit: 10 }
  const samples = hear([0, 10, minute], [0.1, 5, minute])
  expect(forecast(samples, after(0.2))).toMatchObject({ state: 'running-out' })
  expect(forecast(samples, after(1.2))).toEqual({ state: 'enough', pullsPerHour: 0 })
})

test('a window of no time at all holds nothing against anybody', () => {
  const samples = hear([0, 10, { windowSeconds: 0 }], [5, 0, { windowSeconds: 0 }])
  expect(forecast(samples, after(5))).toEqual({ state: 'enough', pullsPerHour: 0 })
})

test.each<[string, boolean, Forecast | undefined, boolean]>([
  ['nothing is known', true, undefined, false],
  ['it is enough', true, { state: 'enough', pullsPerHour: 1 }, false],
  ['it is used up', false, { state: 'used-up', backBy: undefined, pullsPerHour: 0 }, true],
  ['it ends within the hour', false, ending(60), true],
  ['it ends later', false, ending(61), false],
  ['it was short and ends a little later', true, ending(119), true],
  ['it was short and ends much later', true, ending(121), false],
])('somebody should know where %s', (_what, wasShort, found, expected) => {
  expect(isShort(wasShort, found, noon)).toBe(expected)
})

function ending(minutes: number): Forecast {
  return { state: 'running-out', usedUpAt: after(minutes), pullsPerHour: 10 }
}

test('a month of samples with the longest window is forecast in a moment', () => {
  const month = Array.from({ length: 8_640 }, (_, slot): Heard => {
    return [slot * 5, 1_000_000 - slot, { limit: 1_000_000, windowSeconds: 999_999_999 }]
  })
  const samples = hear(...month)
  const startedAt = performance.now()
  expect(forecast(samples, after(8_639 * 5))).toMatchObject({ pullsPerHour: 12 })
  expect(performance.now() - startedAt).toBeLessThan(500)
})
