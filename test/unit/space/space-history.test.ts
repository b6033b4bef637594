import { expect, onTestFinished, test } from 'vitest'
import { SpaceHistory } from '../../../src/space/space-history.ts'
import { openStores } from '../../../src/store/open-stores.ts'
import { makeFolder } from '../../support/start-mirrored.ts'

const minute = 60_000
const day = 24 * 60 * minute

const open = async () => {
  const ignore = () => {}
  const callbacks = { onError: ignore, onFault: ignore, onRecovered: ignore }
  const stores = await openStores(await makeFolder(), callbacks)
  const time = { now: 1_000 * day + 3 * minute, used: 1 }
  const measure = async () => ({
    totalBytes: 10,
    usedBytes: time.used,
    hostedBytes: 0,
    pinnedBytes: 0,
    mirroredBytes: 0,
    reclaimableBytes: 0,
  })
  const history = new SpaceHistory({ stores, now: () => time.now, measure, onError: ignore })
  onTestFinished(async () => {
    await history.close()
    await stores.close()
  })
  const list = () => stores.spaceHistory.listSpace({ since: 0, stepMs: 1 })
  return { history, time, list }
}

test('the last look of ten minutes counts for them', async () => {
  const { history, time, list } = await open()
  await history.note()
  time.now += 5 * minute
  time.used = 2
  await history.note()
  time.now += 5 * minute
  await history.note()
  expect((await list()).map(({ at, usedBytes }) => [at - 1_000 * day, usedBytes])).toEqual([
    [0, 2],
    [10 * minute, 2],
  ])
})

test('after a month the full hours are left, and nothing after a year', async () => {
  const { history, time, list } = await open()
  const start = 1_000 * day
  for (let look = 0; look < 12; look++) {
    await history.note()
    time.now += 10 * minute
  }
  time.now += 31 * day
  await history.note()
  const hours = (await list()).map(({ at }) => at - start).slice(0, -1)
  expect(hours).toEqual([0, 60 * minute])
  time.now += 340 * day
  await history.note()
  expect(await list()).toHaveLength(2)
})
