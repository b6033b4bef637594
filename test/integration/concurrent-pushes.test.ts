import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { digestOf, makeBytes } from '../support/image-builder.ts'
import { pushBlob, pushManifest } from '../support/push-over-http.ts'
import { ask } from '../support/raw-client.ts'
import { makeFolder, startServerForTest } from '../support/start-mirrored.ts'

const clients = 20
const layer = makeBytes('layer', 2 * 1024 * 1024)
const config = Buffer.from('{}')

const cases = [1, 2].flatMap((threads) => [
  { threads, where: 'to one repository', repositoryOf: () => 'team/app' },
  { threads, where: 'to as many', repositoryOf: (client: number) => `team/app-${client}` },
])

test.each(cases)('20 push the same $where: one copy, with $threads threads', async (each) => {
  const { threads, repositoryOf } = each
  const settings = { threads, offline: true, access: { anonymous: 'push' } }
  const server = await startServerForTest(await makeFolder(), settings)
  const push = async (client: number) => {
    const repository = repositoryOf(client)
    const blobs = await Promise.all([layer, config].map((it) => pushBlob(server, repository, it)))
    const image = await pushManifest(server, { repository, tag: 'latest' }, { config, layer })
    return [...blobs, image]
  }

  const pushed = await Promise.all(Array.from({ length: clients }, (_, client) => push(client)))

  const [[, , image] = []] = pushed
  const digest = String(image?.headers['docker-content-digest'])
  expect(pushed.flat().map(({ status }) => status)).toEqual(Array(3 * clients).fill(201))
  const kept = [digest, digestOf(layer), digestOf(config)].map((it) => it.split(':')[1])
  expect(await server.listBlobs()).toEqual(kept.sort())
  for (const folder of ['uploads', 'partial'])
    expect(await readdir(join(server.data, folder))).toEqual([])
  for (let client = 0; client < clients; client++) {
    const base = `/v2/${repositoryOf(client)}`
    const manifest = await ask(server, `${base}/manifests/latest`)
    expect(digestOf(manifest.body)).toBe(digest)
    const pulled = await ask(server, `${base}/blobs/${digestOf(layer)}`)
    expect(pulled.body.equals(layer)).toBe(true)
  }
})
