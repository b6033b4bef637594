import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { beforeAll, expect, test, vi } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { type Certificates, makeCertificates } from '../support/lab/certificates.ts'
import type { Client } from '../support/lab/client.ts'
import { programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { type ImageArchive, writeImageArchive } from '../support/lab/image-layout.ts'
import { type NginxBefore, startNginxBefore } from '../support/lab/nginx.ts'
import { startOwnRegistry } from '../support/lab/own-registry.ts'
import { readPushedImage } from '../support/lab/pushed-image.ts'
import { pushImage } from '../support/push-image.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

const names = ['skopeo', 'podman', 'containerd'] as const

const pairs = [
  { pusher: 'skopeo', puller: 'podman' },
  { pusher: 'podman', puller: 'containerd' },
  { pusher: 'containerd', puller: 'skopeo' },
] as const

/** Far more than nginx takes of a body by default, or keeps in memory. */
const large = { seed: 'large', layerSizes: [16_000_000, 4096] }

describePeers('behind nginx as README.md has it', [...programsOf(names), 'nginx'], (lab) => {
  let server: Entrepot
  let nginx: NginxBefore
  let certificates: Certificates
  let image: ImageArchive
  let clients: Record<(typeof names)[number], Client>

  beforeAll(async () => {
    server = await startOwnRegistry(lab, { config: { trustedProxies: ['127.0.0.1'] } })
    certificates = await makeCertificates(lab.path('tls'))
    nginx = await startNginxBefore(lab, server, certificates)
    clients = await startClients(lab, nginx.port, names, { mirrorCa: certificates.caFile })
    image = await writeImageArchive(lab.path('large'), large)
  })

  const nameOf = (client: string) => `127.0.0.1:${nginx.port}/team/from-${client}:1`

  // All push before any pulls: what they know to be in another repository they would have mounted.
  test.each(names)('%s pushes a large image', async (client) => {
    await clients[client].push(image, nameOf(client))
    const pushed = await readPushedImage(server.url, `team/from-${client}`, '1')
    expect(pushed.config).toBe(image.content.config.digest)
  })

  test.each(pairs)('$puller pulls what $pusher pushed', async ({ pusher, puller }) => {
    const pushed = await readPushedImage(server.url, `team/from-${pusher}`, '1')
    await clients[puller].clear()
    expect(await clients[puller].pull(nameOf(pusher))).toBe(pushed.digest)
  })

  test('no body goes through a file of nginx', async () => {
    expect(await nginx.readLog()).toBe('')
  })

  test('an event comes through it as it happens', async () => {
    const path = '/api/v1/events?types=push'
    const where = { host: '127.0.0.1', port: nginx.port, path, ca: certificates.ca }
    const asked = request(where).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    let text = ''
    answer.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    await vi.waitFor(() => expect(text).toBe('retry: 3000\n\n'))
    await pushImage(server, 'team/told', { tag: '1', recipe: smallImage('told') })
    await vi.waitFor(() => expect(text).toContain('"subject":"team/told:1"'))
    asked.destroy()
    await once(answer, 'close').catch(() => {})
  })

  test('the log names who asked nginx, and not whom that names', async () => {
    const asked = request({
      host: '127.0.0.1',
      port: nginx.port,
      path: '/v2/team/who/tags/list',
      ca: certificates.ca,
      localAddress: '127.0.0.9',
      headers: { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' },
    }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()

    const line = await vi.waitFor(async () => {
      const lines = await server.readRequests()
      const found = lines.find(({ repository }) => repository?.includes('team/who'))
      if (found === undefined) throw new Error('it is not in the log yet')
      return found
    })
    expect(line.client).toBe('127.0.0.9')
  })
})
