// What the laboratory says it does to a network and to a disk, before a test relies on it.

import { hash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../support/lab/background-process.ts'
import { curl, curlAll } from '../support/lab/curl.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import {
  cutEachBlobOnce,
  type Judge,
  refuseEveryOther,
  startFaultyFront,
} from '../support/lab/faulty-front.ts'
import { findWrongBlobs } from '../support/lab/kept-blobs.ts'
import { openNamespace } from '../support/lab/namespace.ts'
import { linkNamespaces, type NetworkLink } from '../support/lab/network-link.ts'
import { thisMachine } from '../support/lab/place.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { pullRaw } from '../support/lab/raw-client.ts'
import { type Registry, startRegistry } from '../support/lab/registry.ts'
import { mountSmallDisk } from '../support/lab/small-disk.ts'

describePeers('the cable between two namespaces', ['ss'], (lab) => {
  let link: NetworkLink
  let registry: Registry

  beforeAll(async () => {
    link = await linkNamespaces(await openNamespace(lab), await openNamespace(lab))
    registry = await startRegistry(lab, { place: link.ends[1] })
  })

  const url = () => `${registry.url}/v2/`
  const ask = () => curl(link.ends[0], url(), ['--max-time', '1'])

  test('carries requests from one to the other', async () => {
    expect(await ask()).toMatchObject({ status: 200, body: '{}' })
  })

  test('lets who connects wait in vain while packets are dropped, and no longer', async () => {
    await link.drop()
    const { status, seconds } = await ask()
    await link.restore()
    expect(status).toBe(0)
    expect(seconds).toBeGreaterThanOrEqual(0.9)
    expect((await ask()).status).toBe(200)
  })

  test('leaves a connection open and silent while packets are dropped', async () => {
    const earlier = await registry.log.countRequests('GET', /./)
    const aSecondApart = ['--rate', '60/m', '--max-time', '1']
    const asking = curlAll(link.ends[0], [url(), url()], aSecondApart)
    const isAnswered = async () => (await registry.log.countRequests('GET', /./)) > earlier
    await waitUntil('the first request is answered', isAnswered)
    await link.drop()
    expect(await link.countConnections()).toBe(1)
    const statuses = (await asking).map(({ status }) => status)
    await link.restore()
    expect(statuses).toEqual([200, 0])
  })
})

describePeers('a small disk', ['mount', 'dd'], (lab) => {
  test('is as small as it was asked to be, can be filled, and grows', async () => {
    const disk = await mountSmallDisk(await openNamespace(lab), lab.path('small'), '1m')
    const write = (name: string) =>
      pipeline(Readable.from([Buffer.alloc(400_000)]), createWriteStream(join(disk.outside, name)))
    await write('first')
    expect(await disk.countFreeBytes()).toBeLessThan(700_000)
    await disk.fill()
    expect(await disk.countFreeBytes()).toBe(0)
    await expect(write('second')).rejects.toThrow('ENOSPC')
    await disk.resize('2m')
    await write('third')
  })
})

describePeers('the look at a data folder', [], (lab) => {
  test('finds the files that are not what their name says', async () => {
    const content = Buffer.from('content')
    const whole = ['sha256', 'sha512'].map((it) => `${it}:${hash(it, content, 'hex')}`)
    const [wrong, cut] = ['sha256', 'sha512'].map((it) => `${it}:${hash(it, 'other', 'hex')}`)
    for (const digest of [...whole, wrong as string, cut as string]) {
      const file = lab.path(`data/blobs/${digest.replace(':', '/')}`)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, digest === cut ? '' : content)
    }
    expect((await findWrongBlobs(lab.path('data'))).toSorted()).toEqual([wrong, cut])
  })
})

describePeers('a faulty front', [], (lab) => {
  let registry: Registry
  let digests: readonly string[]

  beforeAll(async () => {
    registry = await startRegistry(lab)
    const recipe = { seed: 'front', layerSizes: [1_000_000, 100] }
    const { layers } = await pushImage({ ...registry, repository: 'team/front' }, '1', recipe)
    digests = layers.map(({ digest }) => digest)
  })

  const start = async (judge: Judge) => {
    const front = await startFaultyFront(lab, registry, judge)
    return { front, blobs: digests.map((it) => `${front.url}/v2/team/front/blobs/${it}`) }
  }

  test('cuts each blob the first time', async () => {
    const { front, blobs } = await start(cutEachBlobOnce())
    for (const [i, blob] of blobs.entries()) {
      const [first, second] = [await pullRaw(blob), await pullRaw(blob)]
      expect(first.isComplete).toBe(false)
      expect(second).toEqual({ isComplete: true, digest: digests[i] })
    }
    expect(front.counts).toEqual({ pass: 2, cut: 2, refuse: 0 })
  })

  test('refuses every other request, but none twice', async () => {
    const { front, blobs } = await start(refuseEveryOther())
    const [first = '', second = ''] = blobs
    const statuses = []
    for (const url of [first, second, first, first, first]) {
      statuses.push((await curl(thisMachine, url, ['--head'])).status)
    }
    expect(statuses).toEqual([503, 200, 200, 503, 200])
    expect(front.counts).toEqual({ pass: 3, cut: 0, refuse: 2 })
  })
})
