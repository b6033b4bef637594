import { expect, test } from 'vitest'
import { LoginBrake } from '../../../src/access/login-brake.ts'

const begin = () => {
  const time = { ms: 1_000_000_000 }
  const brake = new LoginBrake(() => time.ms)
  const fail = (times: number, network = 'home', user = 'alice') => {
    for (let time = 0; time < times; time++) brake.begin(network, user)
  }
  return { time, brake, fail }
}

test('after five failures each further one waits twice as long, five minutes at most', () => {
  const { brake, fail } = begin()
  fail(4)
  expect(brake.waitMs('home', 'alice')).toBe(0)
  fail(1)
  expect(brake.waitMs('home', 'alice')).toBe(1_000)
  fail(1)
  expect(brake.waitMs('home', 'alice')).toBe(2_000)
  fail(50)
  expect(brake.waitMs('home', 'alice')).toBe(300_000)
})

test('who logged in from a network before is not held up by what others guess', () => {
  const { brake, fail } = begin()
  brake.begin('home', 'alice')
  brake.succeed('home', 'alice')
  fail(10, 'elsewhere')
  expect(brake.waitMs('elsewhere', 'alice')).toBeGreaterThan(0)
  // The first try of a network is free, and its second isn't.
  expect(brake.waitMs('third', 'alice')).toBe(0)
  brake.begin('third', 'alice')
  expect(brake.waitMs('third', 'alice')).toBeGreaterThan(0)
  expect(brake.waitMs('home', 'alice')).toBe(0)
})

test.each([
  ['back', -3_600_000],
  ['back a little', -600_000],
  ['forward', 3_600_000],
])('a clock that is set %s lets nobody wait for it', (_, jumpMs) => {
  const { time, brake, fail } = begin()
  fail(6)
  time.ms += jumpMs
  expect(brake.waitMs('home', 'alice')).toBe(0)
  fail(5)
  expect(brake.waitMs('home', 'alice')).toBe(1_000)
})

test('of a name that is longer than any only the beginning is kept', () => {
  const { brake, fail } = begin()
  const long = 'a'.repeat(64)
  fail(4, 'home', `${long}b`)
  fail(1, 'elsewhere', `${long}d`)
  expect(brake.waitMs('elsewhere', `${long}c`)).toBe(1_000)
})
