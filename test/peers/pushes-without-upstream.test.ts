import { beforeAll, expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import type { Client } from '../support/lab/client.ts'
import { allClients, type ClientName, programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { findFreePort } from '../support/lab/free-port.ts'
import { type ImageArchive, writeImageArchive } from '../support/lab/image-layout.ts'
import type { Lab } from '../support/lab/lab.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { readPushedImage } from '../support/lab/pushed-image.ts'
import { ScriptedUpstream } from '../support/scripted-upstream.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

type StartState = (lab: Lab) => Promise<{ readonly upstream: object; readonly config?: object }>

// Docker Hub says so of every repository that isn't there.
const startDenying = async (lab: Lab) => {
  const upstream = await ScriptedUpstream.start()
  lab.onClose(() => upstream.stop())
  upstream.script(/team/, (usual) => ({ ...usual, status: 401 }))
  return { upstream: { url: upstream.url } }
}

const startNone = async () => ({ upstream: { url: `http://127.0.0.1:${await findFreePort()}` } })

const states = {
  'can’t be reached': startNone,
  'isn’t to be asked': async () => ({ ...(await startNone()), config: { offline: true } }),
  denies: startDenying,
}

for (const [state, startState] of Object.entries<StartState>(states)) {
  describePeers(`while the default upstream ${state}`, programsOf(allClients), (lab) => {
    let server: Entrepot
    let archive: ImageArchive
    let clients: Record<ClientName, Client>

    beforeAll(async () => {
      const { upstream, config } = await startState(lab)
      const ours = { ...config, access: { anonymous: 'push' } }
      server = await startMirror(lab, upstream, { config: ours })
      clients = await startClients(lab, server.port, allClients)
      archive = await writeImageArchive(lab.path('image'), smallImage('pushed'))
    })

    test.each(allClients)('%s pushes to a repository that isn’t there yet', async (client) => {
      const repository = `team/${client}`
      await clients[client].push(archive, `127.0.0.1:${server.port}/${repository}:1`)
      const { config } = await readPushedImage(server.url, repository, '1')
      expect(config).toBe(archive.content.config.digest)
    })
  })
}
