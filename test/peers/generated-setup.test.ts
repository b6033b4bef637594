import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { findClient, guideFor } from '../../src/ui/setup/clients.ts'
import type { Wanted } from '../../src/ui/setup/guide.ts'
import type { Client } from '../support/lab/client.ts'
import { programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { startRegistry } from '../support/lab/registry.ts'
import { pushSample, type Sample } from '../support/lab/sample-images.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

const names = ['skopeo', 'podman', 'containerd'] as const

/** What the set-up page gives, in place of what the lab writes. */
describePeers('with the files of the set-up page', programsOf(names), (lab) => {
  let sample: Sample
  let mirror: Entrepot
  let clients: Record<(typeof names)[number], Client>

  const textOf = (client: string, file: string, wanted: Partial<Wanted> = {}) => {
    const origin = { scheme: 'http', host: `127.0.0.1:${mirror.port}`, prefix: '' } as const
    const { steps } = guideFor(findClient(client), {
      origin,
      registries: ['docker.io', 'ghcr.io'],
      isEvery: false,
      form: 'root',
      trust: 'system',
      needsLogin: false,
      needsCertificate: false,
      defaultRegistry: 'docker.io',
      views: [],
      ...wanted,
    })
    const found = steps.find((step) => step.file?.endsWith(file))
    if (!found) throw new Error(`${client} gets no ${file}`)
    return found.text
  }

  beforeAll(async () => {
    const upstream = await startRegistry(lab)
    sample = await pushSample(upstream, 'small')
    mirror = await startMirror(lab, { url: upstream.url })
    clients = await startClients(lab, mirror.port, names)
  })

  beforeEach(() => Promise.all(Object.values(clients).map((client) => client.clear())))

  /** There is nobody else in their namespace whom they could ask. */
  const expectPull = async (client: (typeof names)[number]) =>
    expect(sample.digests).toContain(await clients[client].pull(sample.byTag))

  for (const client of ['skopeo', 'podman'] as const) {
    test(`${client} pulls through the mirror`, async () => {
      const text = textOf(client, 'entrepot.conf')
      await writeFile(join(lab.path(client), 'registries.conf'), text)
      await expectPull(client)
    })
  }

  test.each([
    ['by ?ns=', 'docker.io', { form: 'root' }],
    ['by the path', 'docker.io', { form: 'path' }],
    ['with one file for every registry', '_default', { isEvery: true }],
  ] as const)('containerd pulls through the mirror %s', async (_how, folder, wanted) => {
    const hosts = join(lab.path('containerd'), 'hosts')
    await rm(hosts, { recursive: true, force: true })
    await mkdir(join(hosts, folder), { recursive: true })
    const text = textOf('containerd', `${folder}/hosts.toml`, wanted)
    await writeFile(join(hosts, folder, 'hosts.toml'), text)
    await expectPull('containerd')
  })
})
