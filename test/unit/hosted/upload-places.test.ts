import { beforeEach, expect, test } from 'vitest'
import { UploadPlaces } from '../../../src/hosted/upload-places.ts'

const minute = 60_000
let now: number
let places: UploadPlaces

beforeEach(() => {
  now = 1000
  places = new UploadPlaces(8, () => now)
})

/** Begins it and ends the request. */
const begin = (id: string, client = 'a') => {
  const abandoned = places.take(id, client)
  places.hold(id)
  places.leave(id)
  return abandoned
}

test('one client has half of them at most, and another still finds some', () => {
  for (const id of ['1', '2', '3', '4']) begin(id)
  expect(() => begin('5')).toThrow(
    expect.objectContaining({ code: 'TOOMANYREQUESTS', status: 429, retryAfterSeconds: 10 }),
  )
  expect(begin('6', 'b')).toBeUndefined()
})

test('one that has ended makes room, and ending it twice changes nothing', () => {
  for (const id of ['1', '2', '3', '4']) begin(id)
  places.free('2')
  places.free('2')
  places.free('never begun')
  expect(begin('5')).toBeUndefined()
  expect(() => begin('6')).toThrow('too many uploads')
})

test('one that nobody went on with for ten minutes gives way, the longest first', () => {
  begin('1')
  now += minute
  for (const id of ['2', '3', '4']) begin(id)
  now += 9 * minute - 1
  expect(() => begin('5')).toThrow('too many uploads')
  now += 1
  expect(begin('5')).toBe('1')
  now += minute
  expect(begin('6')).toBe('2')
})

test('one that is being written to gives way to none, however long that takes', () => {
  for (const id of ['1', '2', '3', '4']) begin(id)
  for (const id of ['1', '2', '3', '4']) places.hold(id)
  now += 100 * minute
  expect(() => begin('5')).toThrow('too many uploads')
})

test("another client's gives way only where there is no place at all", () => {
  for (const id of ['1', '2', '3', '4']) begin(id)
  for (const id of ['5', '6']) begin(id, 'b')
  now += 10 * minute
  begin('7', 'c')
  places.hold('7')
  expect(() => begin('8', 'c')).toThrow('too many uploads')
  begin('8', 'd')
  expect(begin('9', 'e')).toBe('1')
})
