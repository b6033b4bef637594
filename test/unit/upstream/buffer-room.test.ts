import { expect, test } from 'vitest'
import { BufferRoom } from '../../../src/upstream/buffer-room.ts'

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
