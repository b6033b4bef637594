import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { beforeAll, expect, test, vi } from 'vitest'
import { type BuiltImage, smallImage } from '../support/image-builder.ts'
import { runCommand, waitUntil } from '../support/lab/background-process.ts'
import { type Certificates, makeCertificates } from '../support/lab/certificates.ts'
import type { ClientOptions } from '../support/lab/client.ts'
import { programsOf } from '../support/lab/clients.ts'
import { curl } from '../support/lab/curl.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { type Dockerd, startDockerd } from '../support/lab/dockerd.ts'
import { findFreePort } from '../support/lab/free-port.ts'
import { type GuardedRegistry, guard } from '../support/lab/guarded-registry.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { nameHost } from '../support/lab/named-host.ts'
import { type Namespace, openNamespace } from '../support/lab/namespace.ts'
import { startNginxBefore } from '../support/lab/nginx.ts'
import { thisMachine } from '../support/lab/place.ts'
import { ScriptedUpstream } from '../support/scripted-upstream.ts'

const host = 'mirror.test'
const image = 'docker.io/library/small:1'
const hubUser = 'somebody-at-docker-hub'
const hubPassword = 'dckr_pat_what-nobody-else-may-know'
const hubLogin = Buffer.from(`${hubUser}:${hubPassword}`).toString('base64')

const programs = [...programsOf(['dockerd']), 'nginx', 'openssl', 'grep']

describePeers("dockerd that has Docker Hub's login", programs, (lab) => {
  let upstream: ScriptedUpstream
  let server: GuardedRegistry
  let dockerPort: number
  let built: BuiltImage
  let certificates: Certificates
  let namespace: Namespace

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start()
    lab.onClose(() => upstream.stop())
    built = await upstream.repository('library/small').addImage('1', smallImage('small'))
    dockerPort = await findFreePort()
    const dockerListen = `127.0.0.1:${dockerPort}`
    // The lines of several threads come in any order.
    const config = { dockerListen, trustedProxies: ['127.0.0.1'], threads: 1 }
    server = await guard(await startMirror(lab, { url: upstream.url }, { config }))
    certificates = await makeCertificates(lab.path('tls'), { host })
    namespace = await openNamespace(lab)
    await namespace.expose(server.port)
    await namespace.expose(dockerPort)
  })

  const startLoggedIn = async (
    folder: string,
    mirror: Pick<ClientOptions, 'mirrorPort' | 'mirrorAddress' | 'mirrorCa'>,
  ): Promise<Dockerd> => {
    const dockerd = await startDockerd({ lab, namespace, folder, ...mirror })
    const auths = { 'https://index.docker.io/v1/': { auth: hubLogin } }
    await writeFile(lab.path(`${folder}/config.json`), JSON.stringify({ auths }))
    return dockerd
  }

  const expectPulled = async (dockerd: Dockerd) => {
    const asked = await readAsked(async () => {
      expect(await dockerd.pull(image)).toBe(built.descriptor.digest)
    })
    for (const line of asked) expect(line).toMatch(/ 200 by nobody$/)
  }

  /** What the server was asked meanwhile, once all of it is in the log. */
  const readAsked = async (act: () => Promise<void>): Promise<readonly string[]> => {
    const before = (await server.readLog()).length
    await act()
    const end = `/healthz/${randomUUID()}`
    await curl(thisMachine, `${server.url}${end}`)
    const lines: string[] = []
    await waitUntil('the log has all of it', async () => {
      const asked = (await server.readLog()).slice(before).filter(({ method }) => method)
      lines.splice(0)
      lines.push(...asked.map(({ msg, status, who = 'nobody' }) => `${msg} ${status} by ${who}`))
      return lines.some((line) => line.includes(end))
    })
    return lines.slice(
      0,
      lines.findIndex((line) => line.includes(end)),
    )
  }

  test('pulls through the view of docker.io', async () => {
    // dockerd before 25 takes no path in the URL of a mirror: nginx adds it.
    const { port } = await startNginxBefore(lab, server, certificates, { root: '/docker.io/' })
    const mirrorCa = certificates.caFile
    await nameHost(lab, namespace, { host, port, mirrorCa })
    const mirror = { mirrorPort: port, mirrorAddress: host, mirrorCa }
    await expectPulled(await startLoggedIn('dockerd-view', mirror))
  })

  test('pulls through dockerListen', async () => {
    await expectPulled(await startLoggedIn('dockerd-listen', { mirrorPort: dockerPort }))
  })

  test('is refused where its mirror asks for a login, and sends it there', async () => {
    const dockerd = await startLoggedIn('dockerd-root', { mirrorPort: server.port })
    const asked = await readAsked(() =>
      expect(dockerd.pull(image)).rejects.toThrow(/registry-1\.docker\.io/),
    )
    expect(asked).toEqual(['GET /v2/ 401 by nobody', 'GET /token 401 by nobody'])
  })

  test('pulls there without it', async () => {
    const dockerd = await startDockerd({
      lab,
      namespace,
      folder: 'without',
      mirrorPort: server.port,
    })
    expect(await dockerd.pull(image)).toBe(built.descriptor.digest)
  })

  test('what is sent to the views unasked is nobody', async () => {
    const views = [`http://127.0.0.1:${dockerPort}/v2/`, `${server.url}/docker.io/v2/`]
    for (const view of views) {
      const answer = await curl(thisMachine, view, ['--user', `${hubUser}:${hubPassword}`])
      expect(answer.status).toBe(200)
    }
  })

  test('the password went nowhere', async () => {
    for (const { headers } of upstream.requests) expect(headers).not.toHaveProperty('authorization')
    // What happened is there half a second later.
    const audit = await vi.waitFor(async () => {
      const lines = await server.run(['audit', '--json'])
      expect(lines).toContain('login')
      return lines
    }, 5_000)
    await server.stop()
    // With the user before it in base64 it looks different, and in two further ways with others.
    const forms = [hubPassword, hubLogin, btoa(hubPassword), btoa(` ${hubPassword}`)]
    const patterns = forms.flatMap((form) => ['-e', form.replace(/=+$/, '').slice(2, -2)])
    for (const form of forms) expect(audit).not.toContain(form)
    const grep = ['grep', '--recursive', '--text', '--files-with-matches', '--fixed-strings']
    const found = await runCommand([...grep, ...patterns, lab.path('entrepot')])
    expect(found).toEqual({ exitCode: 1, stdout: '', stderr: '' })
  })
})
