import { describe, expect, test } from 'vitest'
import { BufferRoom, pageBytes } from '../../../src/upstream/buffer-room.ts'

test('there is room until all is taken, and again when some is given back', () => {
  const room = new BufferRoom(10 * pageBytes)
  const leave = room.tryTake(5 * pageBytes + 1)
  expect(room.tryTake(5 * pageBytes)).toBeUndefined()
  expect(room.tryTake(4 * pageBytes)).toBeDefined()
  expect(room.tryTake(1)).toBeUndefined()
  leave?.()
  leave?.()
  expect(room.tryTake(6 * pageBytes + 1)).toBeUndefined()
  expect(room.tryTake(6 * pageBytes)).toBeDefined()
})

describe('pages', () => {
  test('are used again while somebody has room', () => {
    const room = new BufferRoom(pageBytes)
    room.tryTake(1)
    const page = room.takePage()
    expect(page).toHaveLength(pageBytes)
    const other = room.takePage()
    expect(other.buffer).not.toBe(page.buffer)
    room.givePage(page)
    expect(room.takePage().buffer).toBe(page.buffer)
  })

  test('go back to the system when nobody has, also those that come back later', () => {
    const room = new BufferRoom(2 * pageBytes)
    const leave = room.tryTake(1)
    const [early, late] = [room.takePage(), room.takePage()]
    room.givePage(early)
    expect(early.buffer.detached).toBe(false)
    leave?.()
    expect(early.buffer.detached).toBe(true)
    room.givePage(late)
    expect(late.buffer.detached).toBe(true)
  })

  test('are not kept beyond what there is room for', () => {
    const room = new BufferRoom(2 * pageBytes)
    room.tryTake(1)
    const pages = [room.takePage(), room.takePage(), room.takePage()]
    for (const page of pages) room.givePage(page)
    expect(pages.map(({ buffer }) => buffer.detached)).toEqual([false, false, true])
  })
})
