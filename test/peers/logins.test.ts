import { readFile, writeFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { digestOf } from '../support/image-builder.ts'
import type { Account } from '../support/lab/account.ts'
import { waitUntil } from '../support/lab/background-process.ts'
import { type Certificates, makeCertificates } from '../support/lab/certificates.ts'
import type { Client } from '../support/lab/client.ts'
import { programsOf, startClientsOf } from '../support/lab/clients.ts'
import { curl } from '../support/lab/curl.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import {
  type GuardedRegistry,
  startGuardedRegistry,
  users,
} from '../support/lab/guarded-registry.ts'
import { type ImageArchive, writeImageArchive } from '../support/lab/image-layout.ts'
import type { Lab } from '../support/lab/lab.ts'
import { startNginxBefore } from '../support/lab/nginx.ts'
import { thisMachine } from '../support/lab/place.ts'

const names = ['skopeo', 'podman', 'buildah', 'containerd', 'dockerd'] as const

type Name = (typeof names)[number]

// All of it: LONG_RUNS=1 npx vitest run --project peers test/peers/logins.test.ts
const isLong = process.env.LONG_RUNS !== undefined
/** One of each kind: skopeo and buildah log in as podman does. */
const differentNames = isLong ? names : (['podman', 'containerd', 'dockerd'] as const)

const alice: Account = { user: 'alice', password: users.alice }
const bob: Account = { user: 'bob', password: users.bob }

/** ctr 1.6 prints nothing of an answer but its status, and shows a login only when it is asked for one. */
const statusAlone = (status: number) => new RegExp(`unexpected status: ${status} `)

const said = (ofAll: RegExp, others: Partial<Record<Name, RegExp>>): Record<Name, RegExp> => ({
  ...{ skopeo: ofAll, podman: ofAll, buildah: ofAll, containerd: ofAll, dockerd: ofAll },
  ...others,
})

const saidOfWrongPassword = said(/invalid username\/password/, {
  containerd: /failed to fetch oauth token: unexpected status: 401/,
  dockerd: /unauthorized: the user name or the password is wrong/,
})
const saidWithoutLogin = said(/denied: only who is logged in may push .*docker login/, {
  containerd: statusAlone(403),
})
const saidToBob = said(/denied: bob may not push team\/.* no rule under access\.rules/, {
  containerd: statusAlone(403),
})
// podman's family first asks by HEAD for what it would push, whose answer has no body.
const saidOfRevoked = said(
  /there is no such token, or it was revoked|unauthorized: authentication required/,
  { containerd: /failed to fetch oauth token: unexpected status: 401|closed pipe/ },
)
const saidWithNone = said(/only who is logged in may pull .*docker login/, {
  containerd: /status code \[manifests 1\]: 403/,
})

interface Reached {
  readonly server: GuardedRegistry
  readonly port: number
}

const ways: readonly { what: string; host: string; start: Start; isShort: boolean }[] = [
  {
    what: 'TLS of its own',
    host: 'registry.test',
    isShort: false,
    async start(lab, { certFile: cert, keyFile: key }) {
      const server = await startGuardedRegistry(lab, { tls: { cert, key } })
      return { server, port: server.port }
    },
  },
  {
    what: 'nginx before it, under another name and port',
    host: 'registry.example.com',
    isShort: !isLong,
    async start(lab, certificates) {
      const server = await startGuardedRegistry(lab, { trustedProxies: ['127.0.0.1'] })
      return { server, port: (await startNginxBefore(lab, server, certificates)).port }
    },
  },
]

type Start = (lab: Lab, certificates: Certificates) => Promise<Reached>

for (const { what, host, start, isShort } of ways) {
  describePeers(`with ${what}`, [...programsOf(names), 'openssl', 'nginx'], (lab) => {
    let server: GuardedRegistry
    let clients: Record<Name, Client>
    let image: ImageArchive
    let caFile: string
    let registry: string

    beforeAll(async () => {
      const certificates = await makeCertificates(lab.path('tls'), { host })
      const reached = await start(lab, certificates)
      server = reached.server
      caFile = certificates.caFile
      registry = `${host}:${reached.port}`
      clients = await startClientsOf(lab, { host, port: reached.port, mirrorCa: caFile }, names)
      image = await writeImageArchive(lab.path('image'), { seed: 'image', layerSizes: [40_000] })
    })

    const ask = (path: string) => {
      const url = `https://127.0.0.1:${registry.split(':')[1]}${path}`
      const accept = 'Accept: application/vnd.oci.image.manifest.v1+json'
      return curl(thisMachine, url, ['--cacert', caFile, '--header', accept])
    }
    const nameOf = (client: string, tag: string) => `${registry}/team/from-${client}:${tag}`

    test.each(names)('%s pushes and pulls with a login, and pulls without', async (name) => {
      const client = clients[name]
      await client.login(registry, alice)
      await client.push(image, nameOf(name, '1'))
      await client.clear()
      const pulled = await client.pull(nameOf(name, '1'))
      await client.logout(registry)
      await client.clear()
      const withoutLogin = await client.pull(nameOf(name, '1'))

      const { body } = await ask(`/v2/team/from-${name}/manifests/1`)
      expect([pulled, withoutLogin]).toEqual(Array(2).fill(digestOf(Buffer.from(body))))
      expect(JSON.parse(body).config.digest).toBe(image.content.config.digest)
    })

    test.skipIf(isShort).each(names)('%s is told to log in', async (name) => {
      const pushing = clients[name].push(image, nameOf(name, 'denied'))
      await expect(pushing).rejects.toThrow(saidWithoutLogin[name])
    })

    test.skipIf(isShort).each(names)('%s is told that a password is wrong', async (name) => {
      const client = clients[name]
      const wrong = async () => {
        await client.login(registry, { user: 'alice', password: 'wrong' })
        await client.push(image, nameOf(name, 'wrong'))
      }
      await expect(wrong()).rejects.toThrow(saidOfWrongPassword[name])
      await client.logout(registry).catch(() => {})
    })

    test.skipIf(isShort).each(names)('%s is told what a user may not', async (name) => {
      const client = clients[name]
      await client.login(registry, bob)
      const pushing = client.push(image, nameOf(name, 'of-bob'))
      await expect(pushing).rejects.toThrow(saidToBob[name])
      await client.logout(registry)
    })

    test.skipIf(isShort).each(differentNames)(
      '%s takes a token for a password, until it is revoked',
      async (name) => {
        const client = clients[name]
        const made = ['--name', `robot-${name}`, '--may', 'pull,push', '--repositories', 'team/**']
        const token = (await server.run(['token', 'create', ...made])).trim()
        await client.login(registry, { user: 'whoever', password: token })
        await client.push(image, nameOf(name, 'by-token'))
        await client.clear()
        await client.pull(nameOf(name, 'by-token'))

        await server.run(['token', 'revoke', `robot-${name}`])
        // It looks once a second for what commands have changed; a push that has begun by then ends otherwise.
        await waitUntil('the server knows of it', async () => {
          const login = ['--insecure', '--user', `whoever:${token}`]
          return (await curl(thisMachine, `${server.url}/v2/`, login)).status === 401
        })
        const pushing = client.push(image, nameOf(name, 'revoked'))
        await expect(pushing).rejects.toThrow(saidOfRevoked[name])
        await client.logout(registry)
      },
    )

    test.skipIf(isShort)(
      'without a login nobody pulls where access.anonymous is none',
      async () => {
        const settings = parse(await readFile(server.configFile, 'utf8'))
        settings.access.anonymous = 'none'
        await writeFile(server.configFile, stringify(settings))
        await waitUntil('the server is closed', async () => {
          return (await ask('/v2/team/from-skopeo/manifests/1')).status === 401
        })
        for (const name of names) {
          await clients[name].clear()
          const pulling = clients[name].pull(nameOf(name, '1'))
          await expect(pulling, name).rejects.toThrow(saidWithNone[name])
          await clients[name].login(registry, bob)
          await clients[name].pull(nameOf(name, '1'))
        }
      },
    )
  })
}
