import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.ts'
import { DigestHolds } from '../../../src/store/digest-holds.ts'

const [one, two] = [digestOf(Buffer.from('one')), digestOf(Buffer.from('two'))]

test('what somebody holds isn’t taken away, whoever lets go of it first', async () => {
  const holds = new DigestHolds()
  const first = Promise.withResolvers<void>()
  const second = Promise.withResolvers<void>()
  const holding = [holds.during(one, () => first.promise), holds.during(one, () => second.promise)]
  await setImmediate()
  const takeAll = () => holds.takeAway([one, two], async (free) => free)
  expect(await takeAll()).toEqual([two])
  first.resolve()
  await holding[0]
  expect(await takeAll()).toEqual([two])
  second.resolve()
  await holding[1]
  expect(await takeAll()).toEqual([one, two])
})

test('who wants what is being taken away waits until it is gone', async () => {
  const holds = new DigestHolds()
  const going = Promise.withResolvers<void>()
  const taking = holds.takeAway([one], () => going.promise)
  const seen: string[] = []
  const waiting = holds.during(one, async () => void seen.push('one'))
  await holds.during(two, async () => void seen.push('two'))
  await setImmediate()
  expect(seen).toEqual(['two'])
  going.resolve()
  await Promise.all([taking, waiting])
  expect(seen).toEqual(['two', 'one'])
})

test('what fails lets go', async () => {
  const holds = new DigestHolds()
  const fail = () => Promise.reject(new Error('no'))
  await expect(holds.during(one, fail)).rejects.toThrow('no')
  await expect(holds.takeAway([one], fail)).rejects.toThrow('no')
  expect(await holds.takeAway([one], async (free) => free)).toEqual([one])
  expect(await holds.during(one, async () => 'held')).toBe('held')
})
