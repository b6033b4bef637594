import { setImmediate as settle } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
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

describe('a spare slot', () => {
  const enterSpare = async (name: string, signal = new AbortController().signal) => {
    const leave = await slots.enterSpare(signal)
    inside.push(name)
    return leave
  }

  beforeEach(() => {
    slots = new Slots(5)
  })

  test('is one of the lesser half', async () => {
    const spare = ['a', 'b', 'c'].map((name) => enterSpare(name))
    await settle()
    expect(inside).toEqual(['a', 'b'])
    const leave = await spare[0]
    leave?.()
    await spare[2]
    expect(inside).toEqual(['a', 'b', 'c'])
    expect(slots.underWay).toBe(2)
  })

  test('is none that others could have, and keeps nobody waiting', async () => {
    await Promise.all(['a', 'b'].map((name) => enterSpare(name)))
    await Promise.all(['c', 'd', 'e'].map((name) => enter(name)))
    expect(slots.areAllTaken).toBe(true)
    expect(inside).toHaveLength(5)
  })

  test('comes after all who entered otherwise', async () => {
    const leaves = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => enter(name)))
    const spare = enterSpare('spare')
    const late = enter('late')
    expect(slots.waiting).toBe(1)
    for (const leave of leaves.slice(0, 3)) leave()
    await late
    await settle()
    expect(inside.at(-1)).toBe('late')
    for (const leave of leaves.slice(3)) leave()
    await spare
    expect(slots.underWay).toBe(2)
  })

  test('is waited for until one gives up', async () => {
    await Promise.all(['a', 'b'].map((name) => enter(name)))
    const leaving = new AbortController()
    const left = enterSpare('left', leaving.signal)
    leaving.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
  })

  test('is never there where there is only one slot', async () => {
    slots = new Slots(1)
    expect(await slots.enterSpare(new AbortController().signal)).toBeUndefined()
  })
})

describe('one more for who has one already', () => {
  test('is given only while one is free, and counts as no blob', async () => {
    const leave = await enter('a')
    const leaveMore = slots.tryEnterAgain()
    expect(slots.tryEnterAgain()).toBeUndefined()
    expect(slots).toMatchObject({ underWay: 1, waiting: 0, areAllTaken: true })
    leaveMore?.()
    leaveMore?.()
    await settle()
    expect(slots).toMatchObject({ underWay: 1, waiting: 0, areAllTaken: false })
    leave()
    await settle()
    expect(slots.underWay).toBe(0)
  })

  test('goes to a blob that waits when it is given back', async () => {
    await enter('a')
    const leaveMore = slots.tryEnterAgain()
    const waiting = enter('b')
    await settle()
    expect(slots).toMatchObject({ underWay: 1, waiting: 1 })
    leaveMore?.()
    await waiting
    expect(slots).toMatchObject({ underWay: 2, waiting: 0 })
    expect(slots.tryEnterAgain()).toBeUndefined()
  })
})
