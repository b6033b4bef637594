import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Progress } from '../../../src/mirror/progress.ts'

const countTellings = (progress: Progress) => {
  const counted = { tellings: 0, isOver: false }
  const count = async (): Promise<void> => {
    while (!counted.isOver) {
      await progress.next
      counted.tellings++
    }
  }
  void count()
  return counted
}

test('the first bytes are told of at once, and few bytes after them together', async () => {
  const progress = new Progress()
  const counted = countTellings(progress)
  progress.add(1)
  await delay(0)
  expect(counted.tellings).toBe(1)

  for (let times = 0; times < 100; times++) progress.add(10)
  await delay(0)
  expect(counted.tellings).toBe(1)
  await delay(80)
  expect(counted.tellings).toBe(2)
  counted.isOver = true
})

test('many bytes are told of at once, and so is what nobody should wait for', async () => {
  const progress = new Progress()
  const counted = countTellings(progress)
  progress.add(1)
  await delay(0)
  progress.add(1024 * 1024)
  await delay(0)
  expect(counted.tellings).toBe(2)
  progress.add(1)
  progress.tell()
  await delay(0)
  expect(counted.tellings).toBe(3)
  await delay(80)
  expect(counted.tellings).toBe(3)
  counted.isOver = true
})
