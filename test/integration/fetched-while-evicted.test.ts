import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { Leases } from '../../src/mirror/leases.ts'
import { Mirror } from '../../src/mirror/mirror.ts'
import { parseDigest } from '../../src/oci/digest.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { dockerHub } from '../../src/oci/upstream-name.ts'
import { Evictor } from '../../src/space/evictor.ts'
import { Pins } from '../../src/space/pins.ts'
import { openStores } from '../../src/store/open-stores.ts'
import { uncounted } from '../../src/upstream/fetch-meter.ts'
import { makeBytes } from '../support/image-builder.ts'
import { writeMirrors } from '../support/run-command.ts'
import { makeFolder, startUpstream } from '../support/start-mirrored.ts'

const source = { upstream: dockerHub, repository: parseRepository('library/node') }
const ignore = () => {}
const hourMs = 3_600_000

/** A mirror with a blob that no image names, and what makes room beside it. */
const start = async () => {
  const upstream = await startUpstream()
  const digest = parseDigest(upstream.repository('library/node').addBlob(makeBytes('b', 5000)))
  const file = await writeMirrors({ upstreams: { 'docker.io': { url: upstream.url } } })
  const stores = await openStores(await makeFolder(), {
    onError: ignore,
    onFault: ignore,
    onRecovered: ignore,
  })
  const mirror = await Mirror.open({
    stores,
    config: await loadConfig(file, {}),
    clock: systemClock,
    leases: new Leases(),
    onError: ignore,
    outages: { onOutage: ignore, onOutageEnd: ignore, onBudget: ignore },
    meter: uncounted,
  })
  onTestFinished(async () => {
    await mirror.close()
    await stores.close()
  })
  const fetch = () => mirror.refetch(source, digest, 'blob')
  await fetch()
  return { stores, digest, fetch }
}

test('a blob that is fetched again while it is being evicted is kept and known', async () => {
  const { stores, digest, fetch } = await start()
  const removed = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const blobs = {
    ...stores.blobs,
    remove: async (gone: typeof digest) => {
      await stores.blobs.remove(gone)
      removed.resolve()
      await goOn.promise
    },
  }
  const evictor = new Evictor({
    stores: { ...stores, blobs },
    pins: await Pins.open(stores.space, []),
    now: () => Date.now() + hourMs,
    onEvicted: ignore,
    onGone: ignore,
    onError: ignore,
    signal: new AbortController().signal,
  })
  const run = { bytes: 1, upstream: undefined, reason: 'a test', before: 0 }
  const evicting = evictor.run(run)
  await removed.promise
  const fetching = fetch()
  // It may wait for the eviction, and if it doesn't it has ended by then.
  await Promise.race([fetching, delay(1000)])
  goOn.resolve()
  await Promise.all([evicting, fetching])

  expect(await stores.blobs.find(digest)).toBe(5000)
  expect(await stores.metadata.findBlob(digest)).toMatchObject({ sizeBytes: 5000 })
})
