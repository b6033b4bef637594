import { describe, expect, test } from 'vitest'
import { BufferRoom, pageBytes } from '../../../src/upstream/buffer-room.ts'

test('there is room until all is taken, and again when some is given back', () => {
  const room = new BufferRoom(10)
  const leave = room.tryTake(6)
  expect(room.tryTake(5)).toBeUndefined()
  expect(room.tryTake(4)).toBeDefined()
  expect(room.tryTake(1)).toBeUndefined()
  leave?.()
  leave?.()
  expect(room.tryTake(7)).toBeUndefined()
  expect(room.tryTake(6)).toBeDefined()
})

describe('pages', () => {
  test('are used again while somebody has room', () => {
    const room = new BufferRoom(10)
    room.tryTake(1)
    const page = room.takePage()
    expect(page).toHaveLength(pageBytes)
    const other = room.takePage()
    expect(other.buffer).not.toBe(page.buffer)
    room.givePage(page)
    expect(room.takePage().buffer).toBe(page.buffer)
  })

  test('go back to the system when nobody has, also those that come back later', () => {
    const room = new BufferRoom(10)
    const leave = room.tryTake(1)
    const [early, late] = [room.takePage(), room.takePage()]
    room.givePage(early)
    expect(early.buffer.detached).toBe(false)
    leave?.()
    expect(early.buffer.detached).toBe(true)
    room.givePage(late)
    expect(late.buffer.detached).toBe(true)
  })
})
