import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { waitUntil } from '../support/lab/background-process.ts'
import { type CurlAnswer, curl, curlAll } from '../support/lab/curl.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { type Namespace, openNamespace } from '../support/lab/namespace.ts'
import { linkNamespaces, type NetworkLink } from '../support/lab/network-link.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { type Registry, startRegistry } from '../support/lab/registry.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

const repository = 'team/hole'
const tags = ['1', '2', '3', '4', '5']
const connectTimeoutSeconds = 2
const slackSeconds = 0.3

// Both servers and every client are in network namespaces that are joined by one cable. Images are
// pushed to a registry out here, which has the same storage as the one at the cable's other end.
describePeers('a mirror whose upstream is a black hole', ['ss'], (lab) => {
  let near: Namespace
  let link: NetworkLink
  let pushed: Registry
  let upstream: Registry
  let mirror: Entrepot

  beforeAll(async () => {
    const far = await openNamespace(lab)
    near = await openNamespace(lab)
    link = await linkNamespaces(near, far)
    pushed = await startRegistry(lab)
    upstream = await startRegistry(lab, { storage: pushed.storage, place: link.ends[1] })
    for (const tag of tags) await push(tag, `first ${tag}`)
    await startHere()
  })

  const push = async (tag: string, seed: string) => {
    const image = await pushImage({ url: pushed.url, repository }, tag, smallImage(seed))
    return image.descriptor.digest
  }

  const startHere = async (port?: number) => {
    const connectTimeout = `${connectTimeoutSeconds}s`
    const settings = { url: upstream.url, tagTtl: '100ms', connectTimeout }
    const options = port === undefined ? {} : { port }
    mirror = await startMirror(lab, settings, { place: near, ...options })
  }

  const urlOf = (tag: string) => `${mirror.url}/v2/docker.io/${repository}/manifests/${tag}`
  const pull = (tag: string) => curl(near, urlOf(tag))
  const pullAll = (count: number) =>
    curlAll(
      near,
      Array.from({ length: count }, (_, i) => urlOf(tags[i % tags.length] as string)),
    )
  const outlastTagTtl = () => delay(200)

  test('waits no longer than connectTimeout, with idle connections to it', async () => {
    await Promise.all(tags.map(pull))
    await outlastTagTtl()
    await link.drop()
    expect(await link.countConnections()).toBeGreaterThan(0)
    const first = await pull('1')
    console.info(`the first pull into the black hole took ${first.seconds} s`)
    expectStale([first])
    expect(first.seconds).toBeLessThan(connectTimeoutSeconds + slackSeconds)
  })

  test('answers within 5 ms from then on', async () => {
    const answers = await pullAll(50)
    console.info(`then the median of 50 was ${medianSeconds(answers) * 1000} ms`)
    expectStale(answers)
    expect(medianSeconds(answers)).toBeLessThan(0.005)
  })

  test('goes on to do so, while it looks whether upstream is back', async () => {
    await delay(2 * connectTimeoutSeconds * 1000)
    const answers = await pullAll(50)
    expectStale(answers)
    expect(medianSeconds(answers)).toBeLessThan(0.005)
  })

  test('uses it again within 10 s of its return', async () => {
    const digest = await push('1', 'second 1')
    const countPulls = () => upstream.log.countRequests('GET', /\/manifests\//)
    const earlier = await countPulls()
    await link.restore()
    const restoredAt = performance.now()
    const isNew = async () => {
      const { headers } = await pull('1')
      return headers['docker-content-digest']?.[0] === digest
    }
    await waitUntil('the new image is served', isNew, 10_000)
    const seconds = ((performance.now() - restoredAt) / 1000).toFixed(1)
    console.info(`upstream was used again after ${seconds} s`)
    await waitUntil('upstream has logged it', async () => (await countPulls()) > earlier)
    await outlastTagTtl()
    const answers = await pullAll(tags.length)
    expect(answers.map(({ status }) => status)).toEqual(tags.map(() => 200))
    expect(answers.filter(({ headers }) => headers.warning !== undefined)).toEqual([])
  })

  test('waits no longer than connectTimeout, with no connection to it', async () => {
    await mirror.stop()
    await startHere(mirror.port)
    await link.drop()
    expect(await link.countConnections()).toBe(0)
    const first = await pull('1')
    expectStale([first])
    expect(first.seconds).toBeLessThan(connectTimeoutSeconds + slackSeconds)
    await link.restore()
  })
})

const expectStale = (answers: readonly CurlAnswer[]): void => {
  for (const { status, headers } of answers) {
    expect(status).toBe(200)
    expect(headers['x-entrepot-cache']).toEqual(['stale'])
    expect(headers.warning?.[0]).toMatch(/^299 - "/)
  }
}

const medianSeconds = (answers: readonly CurlAnswer[]): number => {
  const sorted = answers.map(({ seconds }) => seconds).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}
