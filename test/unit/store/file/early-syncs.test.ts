import { expect, test } from 'vitest'
import { EarlySyncs } from '../../../../src/store/file/early-syncs.ts'

const mib = 1024 * 1024

/** A file whose syncs end when the test says so. */
const makeFile = () => {
  const ends: PromiseWithResolvers<void>[] = []
  const datasync = () => {
    const end = Promise.withResolvers<void>()
    ends.push(end)
    return end.promise
  }
  return { datasync, ends }
}

test('a sync begins with every 16 MiB, and not beside another', async () => {
  const [one, other] = [makeFile(), makeFile()]
  const [syncs, others] = [new EarlySyncs(one, 4 * mib), new EarlySyncs(other, 0)]
  syncs.note(19 * mib)
  expect(one.ends).toHaveLength(0)
  syncs.note(20 * mib)
  syncs.note(60 * mib)
  others.note(60 * mib)
  expect([one.ends.length, other.ends.length]).toEqual([1, 0])
  one.ends[0]?.resolve()
  await syncs.settle()
  others.note(61 * mib)
  expect(other.ends).toHaveLength(1)
  other.ends[0]?.resolve()
  await others.settle()
  syncs.note(61 * mib)
  expect(one.ends).toHaveLength(2)
  one.ends[1]?.resolve()
  await syncs.settle()
})

test('what a sync failed with is told to everyone who goes on', async () => {
  const file = makeFile()
  const syncs = new EarlySyncs(file, 0)
  syncs.note(20 * mib)
  file.ends[0]?.reject(new Error('EIO'))
  await expect(syncs.settle()).rejects.toThrow('EIO')
  expect(() => syncs.note(21 * mib)).toThrow('EIO')
  await expect(syncs.settle()).rejects.toThrow('EIO')
  const next = new EarlySyncs(makeFile(), 0)
  next.note(10)
  await next.settle()
})
