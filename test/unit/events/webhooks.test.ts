import { afterEach, expect, test } from 'vitest'
import type { Event } from '../../../src/events/any-events.ts'
import { toHooks } from '../../../src/events/webhook-hook.ts'
import { pauseAfter } from '../../../src/events/webhook-sender.ts'
import { Webhooks } from '../../../src/events/webhooks.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { checkYaml } from '../config/check-yaml.ts'

const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})

const openFolder = async (): Promise<Stores> => {
  const directory = await makeTemporaryDirectory()
  open.push({ close: directory.remove })
  const tell = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }
  const stores = await openStores(directory.path, tell)
  open.push(stores)
  return stores
}

const upstreamUp = (number: number): Event => ({
  kind: 'upstream-up',
  data: { upstream: 'quay.io' as never, url: `https://${number}` },
  id: String(number),
  source: '//host/entrepot',
  at: 1_000,
  isPassing: false,
})

test.each([
  [1, 5_000],
  [2, 10_000],
  [5, 80_000],
  [10, 2_560_000],
  [11, 3_600_000],
  [5_000, 3_600_000],
])('after %d failures it waits %d ms, more or less by a quarter', (failures, pauseMs) => {
  expect(pauseAfter(failures, 0.5)).toBe(pauseMs)
  expect(pauseAfter(failures, 0)).toBe(pauseMs * 0.75)
  expect(pauseAfter(failures, 1)).toBe(pauseMs * 1.25)
})

test('two entries with one URL are two hooks, and neither its path nor its login is in their names', () => {
  const { webhooks } = checkYaml(
    'webhooks: [{url: "https://a%zz:b@h/x?y"}, {url: "https://a%zz:b@h/x?y"}, {url: "https://h/z"}]',
  )
  const hooks = toHooks(webhooks)
  expect(new Set(hooks.map(({ key }) => key)).size).toBe(3)
  expect(hooks.map(({ name }) => name)).toEqual([
    'webhooks[0] (https://h)',
    'webhooks[1] (https://h)',
    'webhooks[2] (https://h)',
  ])
  expect(hooks[0]?.url).toBe('https://h/x?y')
  // An entry that comes before others moves none of their queues.
  const [, , last] = hooks
  expect(toHooks(webhooks.slice(2))[0]?.key).toBe(last?.key)
})

test('what happens faster than it can be written is dropped from its beginning, and counted once', async () => {
  const stores = await openFolder()
  const dropped: number[] = []
  const ignore = () => {}
  const fail = (error: unknown) => {
    throw error
  }
  const config = checkYaml('webhooks: [{url: "http://127.0.0.1:9"}]')
  const notices = {
    onFailing: ignore,
    onRecovered: ignore,
    onGivenUp: ignore,
    onDropped: (count: number) => dropped.push(count),
    onError: fail,
  }
  const webhooks = new Webhooks({ records: stores.webhooks, config, now: () => 1_000, notices })
  for (let number = 1; number <= 1_300; number++) webhooks.take(upstreamUp(number))
  await webhooks.close()

  expect(dropped).toEqual([1, 299])
  const [{ key } = { key: '' }] = toHooks(config.webhooks)
  const first = await stores.webhooks.findDelivery(key)
  expect(JSON.parse(first?.body ?? '')).toMatchObject({ id: '301' })
  expect(await stores.webhooks.removeOldDeliveries(key, 2_000)).toBe(1_000)
})
