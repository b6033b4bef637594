import { setImmediate as settle } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { Slots } from '../../../src/upstream/slots.ts'

let slots: Slots
/** Names of those who got in, in that order. */
let inside: string[]

beforeEach(() => {
  slots = new Slots(2)
  inside = []
})

async function enter(name: string, signal = new AbortController().signal): Promise<() => void> {
  const leave = await slots.enter(signal)
  inside.push(name)
  return leave
}

test('as many as there are slots get in at once', async () => {
  expect(slots.areAllTaken).toBe(false)
  await Promise.all([enter('a'), enter('b')])
  expect(slots).toMatchObject({ underWay: 2, waiting: 0, areAllTaken: true })
})

test('the others follow one by one, in the order in which they came', async () => {
  const [leaveA, leaveB] = await Promise.all([enter('a'), enter('b')])
  const waiting = ['c', 'd', 'e'].map((name) => enter(name))
  await settle()
  expect(slots).toMatchObject({ underWay: 2, waiting: 3 })
  leaveB?.()
  const leaveC = await waiting[0]
  await settle()
  expect(inside).toEqual(['a', 'b', 'c'])
  leaveC?.()
  leaveA?.()
  await Promise.all(waiting)
  expect(inside).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('leaving twice gives back one slot', async () => {
  const [leaveA] = await Promise.all([enter('a'), enter('b')])
  const waiting = ['c', 'd'].map((name) => enter(name))
  leaveA?.()
  leaveA?.()
  await waiting[0]
  await settle()
  expect(inside).toEqual(['a', 'b', 'c'])
  expect(slots.waiting).toBe(1)
})

test('all slots are free again when all have left', async () => {
  const leaves = await Promise.all([enter('a'), enter('b')])
  for (const leave of leaves) leave()
  await settle()
  expect(slots).toMatchObject({ underWay: 0, waiting: 0, areAllTaken: false })
})

test('who gives up while waiting hears so at once, and takes no slot', async () => {
  const [leaveA] = await Promise.all([enter('a'), enter('b')])
  const leaving = new AbortController()
  const left = enter('c', leaving.signal)
  const behind = enter('d')
  leaving.abort(new Error('left'))
  await expect(left).rejects.toThrow('left')
  leaveA?.()
  await behind
  expect(inside).toEqual(['a', 'b', 'd'])
})

test('who has left before is not let in', async () => {
  await expect(enter('a', AbortSignal.abort(new Error('left')))).rejects.toThrow('left')
  await settle()
  expect(slots).toMatchObject({ underWay: 0, waiting: 0 })
})

test('a signal that is aborted later takes nobody out', async () => {
  const leaving = new AbortController()
  await enter('a', leaving.signal)
  leaving.abort()
  await settle()
  expect(slots.underWay).toBe(1)
})
