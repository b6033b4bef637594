import { beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../support/lab/account.ts'
import { type Certificates, makeCertificates } from '../support/lab/certificates.ts'
import { programsOf } from '../support/lab/clients.ts'
import { startContainerd } from '../support/lab/containerd.ts'
import { type CurlAnswer, curl } from '../support/lab/curl.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import {
  type GuardedRegistry,
  startGuardedRegistry,
  users,
} from '../support/lab/guarded-registry.ts'
import { type ImageArchive, writeImageArchive } from '../support/lab/image-layout.ts'
import { nameHost } from '../support/lab/named-host.ts'
import { openNamespace } from '../support/lab/namespace.ts'
import { startNginxBefore } from '../support/lab/nginx.ts'
import { thisMachine } from '../support/lab/place.ts'

const host = 'registry.example.com'
const alice: Account = { user: 'alice', password: users.alice }

type Asked = CurlAnswer & { readonly body: string }

describePeers('who logs in through nginx', [...programsOf(['containerd']), 'nginx'], (lab) => {
  let server: GuardedRegistry
  let certificates: Certificates
  let image: ImageArchive
  let port: number

  beforeAll(async () => {
    server = await startGuardedRegistry(lab, { trustedProxies: ['127.0.0.1'] })
    certificates = await makeCertificates(lab.path('tls'), { host })
    port = (await startNginxBefore(lab, server, certificates)).port
    image = await writeImageArchive(lab.path('image'), { seed: 'image', layerSizes: [40_000] })
  })

  const ask = (url: string, ...parameters: readonly string[]): Promise<Asked> => {
    const found = ['--cacert', certificates.caFile, '--resolve', `${host}:${port}:127.0.0.1`]
    return curl(thisMachine, url, [...found, ...parameters])
  }
  const bearer = (answer: Asked) => ['--header', `Authorization: Bearer ${tokenIn(answer)}`]

  /** As helm, oras and crane do it: what the challenge says is all that they know. */
  const readChallenge = (answer: Asked): Record<string, string> => {
    const [challenge = ''] = answer.headers['www-authenticate'] ?? []
    expect(challenge).toMatch(/^Bearer /)
    return Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, k, v]) => [k, v]))
  }

  describe.each(['', '/registry'])('at https://registry.example.com:<port>%s', (path) => {
    const base = () => `https://${host}:${port}${path}/v2/`
    const uploads = () => `${base()}team/by-curl/blobs/uploads/`
    const wanted = 'scope=repository:team/by-curl:pull,push'

    test('the challenge leads back there', async () => {
      const answer = await ask(base())
      expect(answer.status).toBe(401)
      const { realm, service } = readChallenge(answer)
      expect({ realm, service }).toEqual({
        realm: `https://${host}:${port}${path}/token`,
        service: `${host}:${port}`,
      })
      const push = readChallenge(await ask(uploads(), '--request', 'POST'))
      expect(push.scope).toBe('repository:team/by-curl:push')
    })

    const forms = [
      { form: 'GET', login: ['--user', `${alice.user}:${alice.password}`, '--get'] },
      {
        form: 'POST with a password',
        login: [
          ...['--data', 'grant_type=password', '--data', `username=${alice.user}`],
          ...['--data-urlencode', `password=${alice.password}`, '--data', 'client_id=curl'],
        ],
      },
    ]

    test.each(forms)('a token by $form logs in, and pushes', async ({ login }) => {
      const { realm = '', service } = readChallenge(await ask(base()))
      const about = ['--data', `service=${service}`, '--data', wanted]
      const given = await ask(realm, ...login, ...about)
      expect(given.status).toBe(200)
      expect((await ask(base(), ...bearer(given))).status).toBe(200)
      const begun = await ask(uploads(), '--request', 'POST', ...bearer(given))
      expect(begun.status).toBe(202)
      const [location = ''] = begun.headers.location ?? []
      expect(location).toMatch(new RegExp(`^${path}/v2/team/by-curl/blobs/uploads/`))
    })

    test('who has no login gets a token, and is denied a push', async () => {
      const { realm } = readChallenge(await ask(base()))
      const given = await ask(`${realm}?service=any&${wanted}`)
      expect((await ask(base(), ...bearer(given))).status).toBe(200)
      const denied = await ask(uploads(), '--request', 'POST', ...bearer(given))
      expect(denied.status).toBe(403)
      expect(denied.body).toMatch(/"DENIED".*docker login/)
    })

    test.each(forms)('a wrong password by $form is refused', async ({ login }) => {
      const { realm = '' } = readChallenge(await ask(base()))
      const wrong = login.map((it) => it.replace(alice.password, 'wrong'))
      const refused = await ask(realm, ...wrong, '--data', wanted)
      expect(refused.status).toBe(401)
      expect(refused.body).toMatch(/"UNAUTHORIZED".*the user name or the password is wrong/)
    })
  })

  test('containerd, told of the path, asks for a token by POST, and pushes and pulls', async () => {
    const namespace = await openNamespace(lab)
    const mirrorCa = certificates.caFile
    await nameHost(lab, namespace, { host, port, mirrorCa })
    const reached = { mirrorPort: port, mirrorAddress: host, mirrorPath: '/registry', mirrorCa }
    const containerd = await startContainerd({ lab, namespace, ...reached })
    const token = await server.run(['token', 'create', '--name', 'ci', '--may', 'pull,push'])
    await containerd.login(host, { user: 'ci', password: token.trim() })
    const name = `${host}:${port}/team/under-a-path:1`
    await containerd.push(image, name)
    await containerd.clear()
    expect(await containerd.pull(name)).toBe(image.content.descriptor.digest)

    const asked = (await server.readLog()).filter(({ msg }) => / \/token$/.test(msg))
    const ofRobot = asked.filter(({ who }) => who === 'token ci')
    expect(new Set(ofRobot.map(({ msg }) => msg))).toEqual(new Set(['POST /token']))
  })
})

function tokenIn({ body }: Asked): string {
  return (JSON.parse(body) as { token: string }).token
}
