import { appendFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import type { Account } from '../support/lab/account.ts'
import { makeCertificates } from '../support/lab/certificates.ts'
import type { Client } from '../support/lab/client.ts'
import { programsOf, startClientsOf } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { guard, users } from '../support/lab/guarded-registry.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { ScriptedUpstream } from '../support/scripted-upstream.ts'

const names = ['skopeo', 'podman', 'buildah', 'containerd', 'dockerd'] as const
const host = 'registry.test'
const bob: Account = { user: 'bob', password: users.bob }

describePeers('a mirror that is for who is logged in', [...programsOf(names), 'openssl'], (lab) => {
  let clients: Record<(typeof names)[number], Client>
  let registry: string
  let digest: string

  beforeAll(async () => {
    const upstream = await ScriptedUpstream.start()
    lab.onClose(() => upstream.stop())
    const image = await upstream.repository('library/small').addImage('1', smallImage('small'))
    digest = image.descriptor.digest
    const { caFile, certFile, keyFile } = await makeCertificates(lab.path('tls'), { host })
    const rules = [{ who: 'bob', repositories: 'docker.io/library/**', may: ['pull'] }]
    const tls = { cert: certFile, key: keyFile }
    const config = { access: { anonymous: 'none', rules }, tls }
    const { port } = await guard(await startMirror(lab, { url: upstream.url }, { config }))
    registry = `${host}:${port}`
    clients = await startClientsOf(lab, { host, port, mirrorCa: caFile }, names)
  })

  const pull = async (client: Client, image: string) => {
    await client.clear()
    return client.pull(image)
  }

  test.each(['skopeo', 'podman', 'buildah', 'containerd'] as const)(
    "%s shows it its login, also for an image of docker.io's name",
    async (name) => {
      const client = clients[name]
      await expect(pull(client, 'docker.io/library/small:1')).rejects.toThrow()
      await client.login(registry, bob)
      expect(await pull(client, 'docker.io/library/small:1')).toBe(digest)
      await client.logout(registry)
    },
  )

  test('containerd has no login in hosts.toml, but headers', async () => {
    const token = Buffer.from(`${bob.user}:${bob.password}`).toString('base64')
    const header = `[host."https://${registry}".header]\n  authorization = "Basic ${token}"\n`
    await appendFile(lab.path('containerd/hosts/docker.io/hosts.toml'), header)
    expect(await pull(clients.containerd, 'docker.io/library/small:1')).toBe(digest)
  })

  test('dockerd shows it no login as a mirror, and one as a registry', async () => {
    const { dockerd } = clients
    await dockerd.login(registry, bob)
    await expect(pull(dockerd, 'docker.io/library/small:1')).rejects.toThrow('registry-1.docker.io')
    expect(await pull(dockerd, `${registry}/docker.io/library/small:1`)).toBe(digest)
  })
})
