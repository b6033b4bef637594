import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Chronicle } from '../../../src/chronicle/chronicle.ts'
import type { WatchedMirror } from '../../../src/chronicle/watched-mirror.ts'
import type { Repository } from '../../../src/oci/repository.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import type {
  ChronicleBatch,
  ChronicleRecords,
  SlotCounter,
} from '../../../src/store/chronicle-records.ts'
import { LedgerBusyError } from '../../../src/store/ledger-records.ts'
import { uncounted } from '../../../src/upstream/fetch-meter.ts'
import { UpstreamError } from '../../../src/upstream/upstream-error.ts'
import type { UpstreamState } from '../../../src/upstream/upstream-state.ts'

// What is heard of upstreams is gathered, and written twice a minute.

const origin = 'https://registry-1.docker.io'
const url = new URL(origin)
const repository = 'library/alpine' as Repository
const fetch = {
  upstream: dockerHub,
  origin,
  repository,
  method: 'GET',
  reference: undefined,
} as const
const unavailable = new UpstreamError(dockerHub, 'unavailable', 'closed the connection')

let now = 0
let isBroken = false
let batches: ChronicleBatch[] = []
let trims = 0
const errors: string[] = []

const records: ChronicleRecords = {
  addChronicle: async (batch) => {
    if (isBroken) throw new Error('the disk is full')
    batches.push(batch)
  },
  sumSlots: async () => [],
  listTroubles: async () => [],
  countTags: async () => [],
  trimChronicle: async () => ++trims,
}

const open = () => {
  const onError = (_: unknown, what: string) => errors.push(what)
  return new Chronicle({ records, now: () => now, onError })
}
const sum = (counter: SlotCounter) =>
  batches.flatMap(({ slots }) => slots).reduce((total, { counts }) => total + counts[counter], 0)
const quarterMs = 15 * 60_000

beforeEach(() => {
  vi.useFakeTimers()
  now = 1_800_000_000_000
  isBroken = false
  batches = []
  trims = 0
  errors.length = 0
})
afterEach(() => vi.useRealTimers())

test('nothing is written in the way of a fetch, and all of it within half a minute', async () => {
  const chronicle = open()
  const meter = chronicle.besides(uncounted)
  for (let index = 0; index < 3; index++) {
    const count = meter.begin(fetch)
    count.answered(200, undefined)
    count.received(1_000)
  }
  expect(batches).toEqual([])
  await vi.advanceTimersByTimeAsync(30_000)
  expect(batches).toHaveLength(1)
  expect([sum('requests'), sum('took0'), sum('bytes')]).toEqual([3, 3, 3_000])
  // Once nothing is left there is nothing to wake up for.
  expect(vi.getTimerCount()).toBe(0)
  await chronicle.close()
})

test('what can’t be written waits, is said once, and is written whole', async () => {
  const chronicle = open()
  const meter = chronicle.besides(uncounted)
  isBroken = true
  meter.begin(fetch)
  meter.failed?.({ ...fetch, error: unavailable, wasSent: true })
  await vi.advanceTimersByTimeAsync(60_000)
  meter.begin(fetch)
  isBroken = false
  await vi.advanceTimersByTimeAsync(30_000)
  expect(errors).toHaveLength(1)
  expect([sum('requests'), sum('unavailable')]).toEqual([2, 1])
  expect(batches.flatMap(({ troubles }) => troubles)).toMatchObject([{ times: 1, repository }])
  await chronicle.close()
})

test('a failure that comes again and again is one, and what was never sent is a request too', async () => {
  const chronicle = open()
  const meter = chronicle.besides(uncounted)
  for (let index = 0; index < 5; index++) {
    meter.failed?.({ ...fetch, error: unavailable, wasSent: false })
    now += 1_000
  }
  const offline = new UpstreamError(dockerHub, 'offline', "isn't asked")
  meter.failed?.({ ...fetch, error: offline, wasSent: false })
  await chronicle.close()
  expect([sum('requests'), sum('unavailable')]).toEqual([5, 5])
  expect(batches[0]?.troubles).toMatchObject([{ times: 5, lastAt: now - 1_000 }])
})

test('how long one wasn’t asked is counted as it passes, until it is asked again', async () => {
  const chronicle = open()
  let states: readonly Pick<UpstreamState, 'name' | 'urls'>[] = [
    {
      name: dockerHub,
      urls: [{ url: origin, state: 'down', login: { configured: false, tokens: 0 } }],
    },
  ]
  const mirror = { describeUpstreams: async () => states, tagTtlMs: () => 0 }
  chronicle.watch(mirror as unknown as WatchedMirror)
  const quiet = { onOutage: () => {}, onOutageEnd: () => {} }
  const { onOutage, onOutageEnd } = chronicle.besidesOutages(quiet)
  const outage = { error: unavailable, since: 0 }
  onOutage(dockerHub, url, outage)
  now += 40_000
  await vi.advanceTimersByTimeAsync(30_000)
  expect(sum('downMs')).toBe(40_000)
  now += 5_000
  onOutageEnd(dockerHub, url, outage)
  await vi.advanceTimersByTimeAsync(30_000)
  expect(sum('downMs')).toBe(45_000)

  onOutage(dockerHub, url, outage)
  // Nobody tells when it is taken out of mirrors.yaml.
  states = []
  now += 1_000
  await vi.advanceTimersByTimeAsync(30_000)
  now += quarterMs
  await vi.advanceTimersByTimeAsync(60_000)
  expect(sum('downMs')).toBe(46_000)
  expect(vi.getTimerCount()).toBe(0)
  await chronicle.close()
})

test('what is too old is removed once an hour', async () => {
  const chronicle = open()
  const meter = chronicle.besides(uncounted)
  for (let minute = 0; minute < 61; minute++) {
    meter.begin(fetch)
    await vi.advanceTimersByTimeAsync(60_000)
  }
  expect(trims).toBe(2)
  await chronicle.close()
})

test('URLs that were met in thousands have a bounded place in memory', async () => {
  const chronicle = open()
  const meter = chronicle.besides(uncounted)
  for (let index = 0; index < 3_000; index++) {
    const place = { ...fetch, origin: `https://host-${index}.example` }
    meter.begin(place)
    meter.failed?.({ ...place, error: unavailable, wasSent: true })
  }
  await chronicle.close()
  expect(batches[0]?.slots).toHaveLength(1_000)
  expect(batches[0]?.troubles.length).toBeLessThanOrEqual(1_000)
})

test('where too many reports are made already, that is said, and asked again it is there', async () => {
  const chronicle = open()
  const busy = vi.spyOn(records, 'sumSlots').mockRejectedValueOnce(new LedgerBusyError())
  await expect(chronicle.describeChronicle({ since: now - 1_000 })).rejects.toMatchObject({
    code: 'TOOMANYREQUESTS',
  })
  expect((await chronicle.describeChronicle({ since: now - 1_000 })).slots).toEqual([])
  busy.mockRestore()
  await chronicle.close()
})

test('the same test is run once for all who ask for it, and a few at once', async () => {
  const chronicle = open()
  const running: PromiseWithResolvers<{ name: typeof dockerHub; urls: [] }>[] = []
  const testUpstream = () => {
    const run = Promise.withResolvers<{ name: typeof dockerHub; urls: [] }>()
    running.push(run)
    return run.promise
  }
  chronicle.watch({ testUpstream } as unknown as WatchedMirror)
  const both = [chronicle.testUpstream('docker.io'), chronicle.testUpstream('docker.io')]
  expect(running).toHaveLength(1)
  const others = ['a.example', 'b.example', 'c.example'].map((host) => chronicle.testUpstream(host))
  expect(() => chronicle.testUpstream('d.example')).toThrow(/ask again/)
  for (const run of running) run.resolve({ name: dockerHub, urls: [] })
  await Promise.all([...both, ...others])
  void chronicle.testUpstream('d.example')
  expect(running).toHaveLength(5)
  running[4]?.resolve({ name: dockerHub, urls: [] })
  await chronicle.close()
})
