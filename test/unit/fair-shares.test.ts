import { expect, test } from 'vitest'
import { FairShares } from '../../src/fair-shares.ts'

/** Takes as many as it may; gives how many that were. */
const takeAll = (shares: FairShares, client: string): number => {
  let count = 0
  for (; shares.hasRoom(client); count++) shares.take(client)
  return count
}

test('one client alone gets half of all, and each next one what is a half of the rest or more', () => {
  const shares = new FairShares(1000)
  expect(takeAll(shares, 'a')).toBe(500)
  expect(takeAll(shares, 'b')).toBe(250)
  expect(takeAll(shares, 'c')).toBe(125)
  expect(shares.isFull).toBe(false)
})

test('greedy clients that take turns leave as much as each of them has', () => {
  const shares = new FairShares(1000)
  const clients = ['a', 'b', 'c']
  for (let turn = 0; turn < 1000; turn++)
    for (const client of clients) if (shares.hasRoom(client)) shares.take(client)
  expect(takeAll(shares, 'late')).toBe(125)
})

test('what is given back is there for others', () => {
  const shares = new FairShares(4)
  expect(takeAll(shares, 'a')).toBe(2)
  expect(takeAll(shares, 'b')).toBe(1)
  expect(takeAll(shares, 'c')).toBe(1)
  expect(shares.isFull).toBe(true)
  expect(shares.hasRoom('d')).toBe(false)
  shares.giveBack('a')
  expect(shares.hasRoom('d')).toBe(true)
})
