// Few seconds, as every change is tested with. For a long run:
//   LOAD_SECONDS=30 npx vitest run --project integration test/integration/collector-under-load.test.ts

import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { digestOf, makeBytes } from '../support/image-builder.ts'
import { putManifest, uploadBlob } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { makeFolder, startServerForTest } from '../support/start-mirrored.ts'

const seconds = Number(process.env.LOAD_SECONDS ?? 6)
/** So much faster goes the server's clock: an hour without a push is over in three seconds. */
const pace = 1200
const workers = 4
const mediaType = 'application/vnd.oci.image.manifest.v1+json'

type Image = { repository: string; tag: string; bytes: Buffer; blobs: readonly string[] }

const layers = Array.from({ length: 12 }, (_, place) => makeBytes(`layer ${place}`, 100_000))
const pick = <T>(list: readonly T[]): T => {
  const found = list[Math.floor(Math.random() * list.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}

const startFast = async () => {
  const startedAt = Date.now()
  const now = () => startedAt + (Date.now() - startedAt) * pace
  const settings = { offline: true, access: { anonymous: 'push' } }
  return startServerForTest(await makeFolder(), settings, { ...systemClock, now })
}

type Server = Awaited<ReturnType<typeof startFast>>

/** As docker does it: what is there already isn't uploaded. Throws if anything of it is refused. */
const push = async (server: Server, repository: string, tag: string): Promise<Image> => {
  const config = Buffer.from(JSON.stringify({ tag, random: Math.random() }))
  const contents = [config, pick(layers), pick(layers), pick(layers)]
  for (const bytes of contents) {
    const digest = digestOf(bytes)
    const path = `/v2/${repository}/blobs/${digest}`
    const { status } = await ask(server, path, { method: 'HEAD' })
    if (status === 404) await uploadBlob(server, repository, { digest, bytes })
    else if (status !== 200) throw new Error(`HEAD ${path}: ${status}`)
  }
  const [first, ...others] = contents.map((bytes) => {
    return { mediaType: 'a/b', digest: digestOf(bytes), size: bytes.length }
  })
  const document = { schemaVersion: 2, mediaType, config: first, layers: others }
  const bytes = Buffer.from(JSON.stringify(document))
  const reply = await putManifest(server, repository, { reference: tag, mediaType, bytes })
  if (reply.status !== 201) throw new Error(`${repository}:${tag}: ${reply.status} ${reply.body}`)
  return { repository, tag, bytes, blobs: contents.map(digestOf) }
}

/** What doesn't come whole. */
const pull = async (server: Server, image: Image): Promise<readonly string[]> => {
  const { repository, tag, bytes, blobs } = image
  const manifest = await ask(server, `/v2/${repository}/manifests/${tag}`)
  const faults = manifest.body.equals(bytes) ? [] : [`${repository}:${tag}: ${manifest.status}`]
  for (const digest of blobs) {
    const { status, body } = await ask(server, `/v2/${repository}/blobs/${digest}`)
    if (digestOf(body) !== digest) faults.push(`${repository}@${digest}: ${status}`)
  }
  return faults
}

const remove = async (server: Server): Promise<{ removed: number; blobs: number }> => {
  const rules = [
    { repositories: ['passing/**'], maxAgeMs: 0 },
    { repositories: ['team/**'], tags: '^passing', keepLast: 1 },
  ]
  const reply = await server.post('/api/v1/prune', { rules })
  if (reply.status !== 200) throw new Error(`prune: ${reply.status} ${reply.body}`)
  const { removed, freed } = JSON.parse(String(reply.body))
  return { removed: removed.length, blobs: freed.blobs }
}

test('what others remove is freed beside pushes and pulls, and none of them fails', {
  timeout: 60_000 + seconds * 1000,
}, async () => {
  const server = await startFast()
  const kept: Image[] = [await push(server, 'team/app', 'kept-first')]
  const faults: string[] = []
  const counts = { pushes: 0, pulls: 0, removed: 0, freedBlobs: 0 }
  const end = performance.now() + seconds * 1000
  const during = async (act: () => Promise<void>) => {
    while (performance.now() < end) {
      await act().catch((error) => void faults.push(String(error)))
      await delay(1)
    }
  }
  const pushing = async () => {
    const number = counts.pushes++
    if (number % 3 === 0) kept.push(await push(server, 'team/app', `kept-${number}`))
    else if (number % 3 === 1) await push(server, 'team/app', `passing-${number}`)
    // Now and then they leave a repository for good.
    else await push(server, `passing/app-${Math.floor(number / 30)}`, `${number}`)
  }
  const pulling = async () => {
    counts.pulls++
    faults.push(...(await pull(server, pick(kept))))
  }
  const removing = async () => {
    const { removed, blobs } = await remove(server)
    counts.removed += removed
    counts.freedBlobs += blobs
  }
  const all = Array.from({ length: workers }, () => [during(pushing), during(pulling)])
  await Promise.all([...all.flat(), during(removing)])
  for (const image of kept) faults.push(...(await pull(server, image)))

  expect(faults).toEqual([])
  expect(Math.min(counts.removed, counts.freedBlobs, counts.pulls)).toBeGreaterThan(10)
})
