import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, expect, test, vi } from 'vitest'
import { dockerManifestList, ociIndex } from '../../src/oci/media-type.ts'
import type { Report } from '../../src/traffic/any-reports.ts'
import { threePlatforms } from '../support/image-builder.ts'
import { runToSuccess } from '../support/lab/background-process.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { pushImage, pushIndex } from '../support/lab/push-image.ts'
import { startRegistry } from '../support/lab/registry.ts'
import { type Fate, startWritingRelay, type Written } from '../support/lab/writing-relay.ts'
import { runCommand } from '../support/run-command.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

const addresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'] as const
const imageCount = 10
const layerSizes = [700_000, 300_000]
const indexes = new Set<string>([ociIndex, dockerManifestList])

describePeers('a day of pulls by four clients', ['skopeo'], (lab) => {
  let mirror: Entrepot
  /** What each client's relay wrote down, by the client's address. */
  const clients = new Map<string, readonly Written[]>()
  let asked: readonly Written[]
  const fates = new Map<string, Fate>()
  let isDown = false

  beforeAll(async () => {
    const registry = await startRegistry(lab)
    const layers: string[] = []
    for (let index = 0; index < imageCount; index++) {
      layers.push(await pushOne(registry.url, `team/app-${index}`, index))
    }
    const late = await pushOne(registry.url, 'team/late', imageCount)
    await pushOne(registry.url, 'team/again', imageCount + 1)
    const front = await startWritingRelay(lab, { port: registry.port, judge })
    asked = front.written
    mirror = await startMirror(lab, { url: front.url, tagTtl: '1s' })
    const first = await startClient(addresses[0])
    const second = await startClient(addresses[1])
    const third = await startClient(addresses[2])
    const fourth = await startClient(addresses[3])

    // A cold day begins, and one transfer from upstream is cut.
    fates.set(`/v2/team/app-3/blobs/${layers[3]}`, { afterBytes: 100_000 })
    await pullAll(first, 0, imageCount)
    await pullAll(second, 0, 5)
    await Promise.all([pullAll(third, 5, imageCount), pullAll(fourth, 5, imageCount)])
    // Upstream is down for a while: what is kept is served as stale, the rest isn't to be had.
    await delay(1_100)
    isDown = true
    await pullAll(second, 0, 2)
    await expect(pull(third, 'team/late')).rejects.toThrow()
    isDown = false
    await vi.waitFor(() => pull(third, 'team/again'), { timeout: 30_000, interval: 500 })
    // A client leaves in the middle of a transfer, of which all that was written has arrived.
    await leaveMidway(fourth, late)
    await pull(fourth, 'team/late')
  })

  const judge = ({ path }: { readonly path: string }): Fate => {
    if (isDown) return 'refuse'
    const fate = fates.get(path) ?? 'pass'
    fates.delete(path)
    return fate
  }

  const startClient = async (localAddress: string): Promise<Client> => {
    const relay = await startWritingRelay(lab, { port: mirror.port, localAddress })
    const left: Written[] = []
    // What the relay didn't see is written down by hand.
    clients.set(localAddress, [])
    const note = () => clients.set(localAddress, [...relay.written, ...left])
    return { localAddress, port: relay.port, left, note }
  }

  const pullAll = async (client: Client, from: number, to: number) => {
    for (let index = from; index < to; index++) await pull(client, `team/app-${index}`)
  }

  const pull = async ({ port, note, localAddress }: Client, repository: string) => {
    const image = `docker://127.0.0.1:${port}/docker.io/${repository}:1`
    const target = `dir:${lab.path(`pulled-${localAddress}`)}`
    const copy = ['skopeo', '--insecure-policy', 'copy', '--src-tls-verify=false']
    try {
      await runToSuccess([...copy, '--retry-times', '0', image, target])
    } finally {
      note()
    }
  }

  const leaveMidway = async ({ localAddress, left, note }: Client, digest: string) => {
    const { promise: goOn, resolve } = Promise.withResolvers<void>()
    fates.set(`/v2/team/late/blobs/${digest}`, { afterBytes: 400_000, goOn })
    const path = `/v2/docker.io/team/late/blobs/${digest}`
    const request = get({ host: '127.0.0.1', port: mirror.port, localAddress, path })
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    let bytes = 0
    answer
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
    await waitUntilStill(() => bytes)
    request.destroy()
    const mediaType = String(answer.headers['content-type'])
    const cache = String(answer.headers['x-entrepot-cache'])
    left.push({ method: 'GET', path, status: answer.statusCode ?? 0, mediaType, cache, bytes })
    note()
    resolve()
  }

  const report = async (...options: readonly string[]): Promise<Report> => {
    const { stdout, stderr } = await runCommand(
      ...['report', '--json', '--top', '0', '--config', mirror.configFile],
      ...options,
    )
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  }

  const allServed = () => [...clients.values()].flatMap(content)

  test('is in the ledger some seconds later, to the byte', async () => {
    await vi.waitFor(
      async () => {
        const { totals } = await report()
        expect(totals).toMatchObject({
          requests: allServed().length,
          servedBytes: sum(allServed()),
          fetchedBytes: sum(content(asked)),
        })
      },
      { timeout: 15_000, interval: 500 },
    )
  })

  test('is reported client by client as the clients wrote it down', async () => {
    const { rows } = await report('--by', 'client')
    for (const address of addresses) {
      const written = content(clients.get(address) ?? [])
      const row = rows.find(({ client }) => client === address)
      expect(row).toMatchObject({
        requests: written.length,
        servedBytes: sum(written),
        pulls: written.filter(isPull).length,
      })
    }
  })

  test('is reported image by image', async () => {
    const { rows } = await report('--by', 'repository')
    for (const name of [...Array(imageCount).keys()].map((index) => `team/app-${index}`)) {
      const written = allServed().filter(({ path }) => path.includes(`/${name}/`))
      const fetched = content(asked).filter(({ path }) => path.includes(`/${name}/`))
      expect(rows.find(({ repository }) => repository === `docker.io/${name}`)).toMatchObject({
        requests: written.length,
        servedBytes: sum(written),
        fetchedBytes: sum(fetched),
        savedBytes: sum(written) - sum(fetched),
        pulls: written.filter(isPull).length,
      })
    }
    const images = await report('--by', 'image')
    for (const row of images.rows.filter(({ image }) => image?.includes('/app-'))) {
      expect(row.image).toMatch(/^docker\.io\/team\/app-\d:1$/)
    }
  })

  test('is reported by how requests ended', async () => {
    const { rows } = await report('--by', 'outcome')
    for (const outcome of ['hit', 'miss', 'stale'] as const) {
      const written = allServed().filter(({ status, cache }) => status < 400 && cache === outcome)
      expect(written.length).toBeGreaterThan(0)
      expect(rows.find((row) => row.outcome === outcome)).toMatchObject({
        requests: written.length,
        servedBytes: sum(written),
      })
    }
    const failed = allServed().filter(({ status }) => status >= 500)
    expect(failed.length).toBeGreaterThan(0)
    expect(rows.find(({ outcome }) => outcome === 'unavailable')).toMatchObject({
      requests: failed.length,
      servedBytes: sum(failed),
    })
  })

  test.each(['upstream', 'hour', 'day', 'user'])('adds up by %s to the totals', async (by) => {
    const { rows, totals } = await report('--by', by)
    expect(rows.reduce((bytes, row) => bytes + row.servedBytes, 0)).toBe(sum(allServed()))
    expect(rows.reduce((bytes, row) => bytes + row.fetchedBytes, 0)).toBe(sum(content(asked)))
    const pulls = allServed().filter(isPull).length
    const counted = content(asked).filter(isPull).length
    expect(totals).toMatchObject({
      requests: allServed().length,
      servedBytes: sum(allServed()),
      fetchedBytes: sum(content(asked)),
      // An error is none of the bytes that somebody wanted.
      savedBytes: sum(allServed().filter(isAnswer)) - sum(content(asked)),
      broken: 1,
      pulls,
      dockerHub: { pulls, counted, avoided: pulls - counted },
    })
  })

  test('is the same after a restart', async () => {
    const before = await report('--by', 'client,image,outcome')
    await mirror.stop()
    mirror = await startMirror(lab, { url: 'http://127.0.0.1:9' }, { port: mirror.port })
    const { rows, totals } = await report('--by', 'client,image,outcome')
    expect({ rows, totals }).toEqual({ rows: before.rows, totals: before.totals })
  })
})

type Client = {
  readonly localAddress: string
  readonly port: number
  readonly left: Written[]
  readonly note: () => void
}

/** Gives the digest of its first layer. */
const pushOne = async (url: string, repository: string, index: number): Promise<string> => {
  const recipe = { seed: repository, layerSizes: layerSizes.map((size) => size + index * 1_000) }
  const platforms = index === 9 ? threePlatforms : undefined
  const target = { url, repository }
  const image = platforms
    ? (await pushIndex(target, '1', { ...recipe, platforms })).images[0]
    : await pushImage(target, '1', recipe)
  return image?.layers[0]?.digest ?? ''
}

/** Whether there is a server isn't content. */
const content = (written: readonly Written[]) => written.filter(({ path }) => path !== '/v2/')

const sum = (written: readonly Written[]) => written.reduce((bytes, each) => bytes + each.bytes, 0)

const isPull = ({ method, path, status, mediaType }: Written) =>
  method === 'GET' && path.includes('/manifests/') && status === 200 && !indexes.has(mediaType)

const isAnswer = ({ status }: Written) => status < 400

const waitUntilStill = async (read: () => number): Promise<void> => {
  for (let before = -1; before !== read() || before === 0; ) {
    before = read()
    await delay(400)
  }
}
