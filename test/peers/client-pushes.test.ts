import { beforeAll, expect, test } from 'vitest'
import { bigImage, type ImageRecipe, smallImage } from '../support/image-builder.ts'
import type { Client } from '../support/lab/client.ts'
import { allClients, type ClientName, programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { type ImageArchive, writeImageArchive } from '../support/lab/image-layout.ts'
import { startOwnRegistry } from '../support/lab/own-registry.ts'
import { readPushedImage } from '../support/lab/pushed-image.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

const pairs = [
  { pusher: 'dockerd', puller: 'podman' },
  { pusher: 'podman', puller: 'containerd' },
  { pusher: 'containerd', puller: 'skopeo' },
  { pusher: 'skopeo', puller: 'dockerd' },
] as const

// Of 256 MiB: LONG_RUNS=1 npx vitest run --project peers test/peers/client-pushes.test.ts
const pushed: ImageRecipe = process.env.LONG_RUNS
  ? bigImage('pushed')
  : { seed: 'pushed', layerSizes: [24_000_000, 16_000_000, 12_000_000, 8_000_000, 4_000_000] }

describePeers('a registry of our own', programsOf(allClients), (lab) => {
  let server: Entrepot
  let big: ImageArchive
  let clients: Record<ClientName, Client>

  beforeAll(async () => {
    server = await startOwnRegistry(lab)
    clients = await startClients(lab, server.port, allClients)
    big = await writeImageArchive(lab.path('big'), pushed)
  })

  const nameOf = (repository: string) => `127.0.0.1:${server.port}/${repository}:1`

  // All push before any pulls: what they know to be in another repository they would have mounted.
  test.each(allClients)('takes a large image from %s', async (client) => {
    const repository = `team/from-${client}`
    await clients[client].push(big, nameOf(repository))
    const pushed = await readPushedImage(server.url, repository, '1')
    expect(pushed.config).toBe(big.content.config.digest)
  })

  test.each(pairs)('gives $puller what $pusher pushed', async ({ pusher, puller }) => {
    const repository = `team/from-${pusher}`
    const pushed = await readPushedImage(server.url, repository, '1')
    // What it has itself it would not ask for. All that comes it checks, and what that unpacks to.
    await clients[puller].clear()
    expect(await clients[puller].pull(nameOf(repository))).toBe(pushed.digest)
  })

  test.each(allClients)('takes what %s pushes twice', async (client) => {
    const small = await writeImageArchive(lab.path(`small-${client}`), smallImage(client))
    const name = nameOf(`team/twice-from-${client}`)
    await clients[client].push(small, name)
    await clients[client].push(small, name)
  })

  test('was sent each blob once', async () => {
    await server.stop()
    // Of each image the config is one more blob than it has layers.
    const ofBig = allClients.map((client) => [`team/from-${client}`, 6])
    const ofSmall = allClients.map((client) => [`team/twice-from-${client}`, 2])
    expect(await countUploads(server)).toEqual(Object.fromEntries([...ofBig, ...ofSmall]))
  })
})

/** That were begun, by repository. The log has them all when the server has ended. */
const countUploads = async (server: Entrepot): Promise<Readonly<Record<string, number>>> => {
  const counts: Record<string, number> = {}
  for (const { method, repository, status } of await server.readRequests())
    if (method === 'POST' && status === 202) counts[repository] = (counts[repository] ?? 0) + 1
  return counts
}
