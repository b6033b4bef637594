import { beforeAll, expect, test } from 'vitest'
import { makeCertificates } from '../support/lab/certificates.ts'
import type { Client } from '../support/lab/client.ts'
import { allClients, type ClientName, programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { type Registry, startRegistry } from '../support/lab/registry.ts'
import { eachOnce, pushSample, type Sample } from '../support/lab/sample-images.ts'
import { startTokenServer, type TokenServer } from '../support/lab/token-server.ts'

const account = { username: 'ships-clerk', password: 'p:ss w\u00f6rd' }

describePeers(
  'a mirror of a registry with tokens and a private CA',
  programsOf(allClients),
  (lab) => {
    let upstream: Registry
    let tokenServer: TokenServer
    let sample: Sample
    let clients: Record<ClientName, Client>

    beforeAll(async () => {
      const certificates = await makeCertificates(lab.path('tls'))
      const { ca, caFile } = certificates
      tokenServer = await startTokenServer(lab, { certificates, ...account })
      upstream = await startRegistry(lab, { certificates, tokenServer })
      sample = await pushSample({ ...upstream, ca, signToken: tokenServer.signToken }, 'medium')
      const mirror = await startMirror(lab, { url: upstream.url, ca: caFile, ...account })
      clients = await startClients(lab, mirror.port, allClients)
    })

    for (const client of allClients) {
      test(`gives ${client}, who has no account, an image`, async () => {
        expect(sample.digests).toContain(await clients[client].pull(sample.byTag))
      })
    }

    test('asks the upstream once for each blob', async () => {
      await upstream.stop()
      const once = eachOnce(sample.blobs)
      expect(await upstream.log.countBlobFetches()).toEqual(once)
    })

    test('asks once for a token, with its account and for no more than to pull', () => {
      const scopes = ['repository:team/medium:pull']
      expect(tokenServer.requests).toEqual([{ username: account.username, scopes }])
    })

    for (const client of allClients) {
      test(`gives ${client} the image again, with the registry stopped`, async () => {
        await clients[client].clear()
        expect(sample.digests).toContain(await clients[client].pull(sample.byTag))
        await clients[client].clear()
        expect(sample.digests).toContain(await clients[client].pull(sample.byDigest))
      })
    }
  },
)
