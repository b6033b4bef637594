import { beforeEach, describe, expect, test } from 'vitest'
import { Wants } from '../../../src/upstream/wants.ts'

let nowMs: number
let wants: Wants
const [one, other] = [{}, {}]

beforeEach(() => {
  nowMs = 1_000
  wants = new Wants(() => nowMs)
})

test('it is the turn of whoever asks while nobody is in want', () => {
  expect(wants.isTurnOf(one, 100)).toBe(true)
})

describe('while another is in want of one more than two', () => {
  beforeEach(() => wants.note(other, 2))

  test('whoever has more goes behind it', () => {
    expect(wants.isTurnOf(one, 3)).toBe(false)
  })

  test.for([0, 1, 2])('whoever has %i does not', (connections) => {
    expect(wants.isTurnOf(one, connections)).toBe(true)
  })

  test('it is its own turn, whatever it has meanwhile', () => {
    expect(wants.isTurnOf(other, 3)).toBe(true)
  })

  test('nobody waits for it once it has what it wants', () => {
    wants.forget(other)
    expect(wants.isTurnOf(one, 3)).toBe(true)
  })

  test('nobody waits for it for longer than it asks', () => {
    nowMs += 400
    wants.note(other, 2)
    nowMs += 400
    expect(wants.isTurnOf(one, 3)).toBe(false)
    nowMs += 200
    expect(wants.isTurnOf(one, 3)).toBe(true)
  })
})
