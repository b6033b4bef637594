import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Client } from '../support/lab/client.ts'
import { allClients, type ClientName, programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { pullRaw } from '../support/lab/raw-client.ts'
import { corruptBlob, type Registry, startRegistry } from '../support/lab/registry.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

const repository = 'team/corrupt'
const image = `docker.io/${repository}:1`
const recipe = { seed: 'corrupt', layerSizes: [8_000_000] }

describePeers('a mirror of a registry with a corrupt blob', programsOf(allClients), (lab) => {
  let upstream: Registry
  let mirror: Entrepot
  let clients: Record<ClientName, Client>
  let digest: string

  beforeAll(async () => {
    upstream = await startRegistry(lab)
    const { layers } = await pushImage({ url: upstream.url, repository }, '1', recipe)
    digest = layers[0]?.digest ?? ''
    await corruptBlob(upstream.storage, digest)
    mirror = await startMirror(lab, { url: upstream.url })
    clients = await startClients(lab, mirror.port, allClients)
  })

  const keptFile = () => join(mirror.data, 'blobs', ...digest.split(':'))

  test('gives curl no complete answer', async () => {
    const { isComplete } = await pullRaw(`${mirror.url}/v2/docker.io/${repository}/blobs/${digest}`)
    expect(isComplete).toBe(false)
    expect(existsSync(keptFile())).toBe(false)
  })

  for (const client of allClients) {
    test(`lets the pull of ${client} fail`, async () => {
      await expect(clients[client].pull(image)).rejects.toThrow()
      expect(existsSync(keptFile())).toBe(false)
    })
  }

  test('gives it to all once the registry has the right bytes again', async () => {
    await corruptBlob(upstream.storage, digest)
    for (const client of allClients) await clients[client].pull(image)
    expect(existsSync(keptFile())).toBe(true)
  })
})
