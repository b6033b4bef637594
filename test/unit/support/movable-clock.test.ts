import { expect, test } from 'vitest'
import { MovableClock } from '../../support/movable-clock.ts'

const hourMs = 3_600_000

test.each([
  {
    name: 'time that passes moves both',
    move: 'advance',
    ms: hourMs,
    wall: hourMs,
    elapsed: hourMs,
  },
  {
    name: 'a clock that is set moves only the wall clock',
    move: 'jump',
    ms: hourMs,
    wall: hourMs,
    elapsed: 0,
  },
  { name: 'a clock may be set back', move: 'jump', ms: -hourMs, wall: -hourMs, elapsed: 0 },
] as const)('$name', ({ move, ms, wall, elapsed }) => {
  const clock = new MovableClock()
  const before = { wall: clock.now(), elapsed: clock.elapsedMs() }

  clock[move](ms)

  // The clock goes by itself meanwhile.
  const minuteMs = 60_000
  expect(Math.abs(clock.now() - before.wall - wall)).toBeLessThan(minuteMs)
  expect(Math.abs(clock.elapsedMs() - before.elapsed - elapsed)).toBeLessThan(minuteMs)
})
