import { expect, test } from 'vitest'
import { programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { cutEachBlobOnce, refuseEveryOther, startFaultyFront } from '../support/lab/faulty-front.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { startRegistry } from '../support/lab/registry.ts'
import { pushSample } from '../support/lab/sample-images.ts'

const faults = {
  'cuts the connection once in each blob': { fate: 'cut', makeJudge: cutEachBlobOnce },
  'answers 503 to every other request': { fate: 'refuse', makeJudge: refuseEveryOther },
} as const

for (const [title, { fate, makeJudge }] of Object.entries(faults)) {
  for (const name of ['skopeo', 'podman'] as const) {
    describePeers(`a mirror of a registry that ${title}`, programsOf([name]), (lab) => {
      test(`gives ${name} the medium image at the first try`, async () => {
        const upstream = await startRegistry(lab)
        const sample = await pushSample(upstream, 'medium')
        const front = await startFaultyFront(lab, upstream, makeJudge())
        const mirror = await startMirror(lab, { url: front.url })
        const clients = await startClients(lab, mirror.port, [name])

        expect(sample.digests).toContain(await clients[name].pull(sample.byTag))
        expect(front.counts[fate]).toBeGreaterThanOrEqual(3)
      })
    })
  }
}
