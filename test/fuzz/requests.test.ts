import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import { ociManifest } from '../../src/oci/media-type.ts'
import { smallImage } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { ScriptedUpstream } from '../support/scripted-upstream.ts'
import { converse } from './converse.ts'
import { fuzz, isLong } from './fuzz-settings.ts'
import { FuzzedServer } from './fuzzed-server.ts'
import { conversation } from './raw-requests.ts'
import { sampleBlobs, sampleImageBytes } from './sample-documents.ts'

/** What nobody outside is to learn of: where the program and its data lie. */
const inside = /node_modules|\bat [^"]*:\d+:\d+|\/entrepot-fuzz-|SQLITE/
const mostAtOnce = 48

let upstream: ScriptedUpstream
let server: FuzzedServer

beforeAll(async () => {
  upstream = await ScriptedUpstream.start()
  const up = upstream.repository('up/app')
  for (const tag of ['1', '2', '3', '4']) await up.addImage(tag, smallImage(tag))
  return () => upstream.stop()
})

/** What conversations are about; any of them may remove it. */
async function pushSample(): Promise<void> {
  const path = '/v2/team/app/manifests/v1'
  if ((await ask(server, path, { method: 'HEAD' })).status === 200) return
  for (const body of sampleBlobs) {
    const upload = `/v2/team/app/blobs/uploads/?digest=${digestOf(body)}`
    await ask(server, upload, { method: 'POST', body })
  }
  const headers = { 'content-type': ociManifest }
  const reply = await ask(server, path, { method: 'PUT', headers, body: sampleImageBytes })
  expect(reply.status).toBe(201)
}

/** Upstream works, so that each 5xx would be ours. */
const conversing = fc.asyncProperty(
  fc.array(conversation, { minLength: 1, maxLength: mostAtOnce, size: 'max' }),
  async (conversations) => {
    await pushSample()
    const answers = await Promise.all(conversations.map((each) => converse(server, each)))
    for (const answer of answers) {
      if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 \d{3} /)
      expect(answer).not.toMatch(/HTTP\/1\.1 5\d\d /)
      expect(answer).not.toMatch(inside)
    }
    await server.expectAlive()
  },
)

describe('whatever clients send', () => {
  test.each([
    { threads: 1, shares: [0.1, 0.13] },
    { threads: 3, shares: [0.05, 0.07] },
  ])('no 5xx, and no growth, with $threads threads', async ({ threads, shares }) => {
    server = await FuzzedServer.start({
      upstreams: { 'docker.io': { url: upstream.url, tagTtl: '1s', missTtl: '1s' } },
      access: { anonymous: 'push' },
      threads,
    })
    const [first = 0, second = 0] = shares
    await fuzz(conversing, { share: first, round: threads })
    if (isLong) await server.noteVitals()
    await fuzz(conversing, { share: second, round: threads + 1 })
    await server.expectSound()
  })
})
