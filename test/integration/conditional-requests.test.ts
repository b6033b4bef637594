import { describe, expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

const startWithKeptImage = async () => {
  const mirrored = await startMirrored()
  const image = await mirrored.upstream.repository('team/app').addImage('1', smallImage('a'))
  const { digest } = image.descriptor
  const layer = image.layers[0]?.digest ?? ''
  await ask(mirrored.server, '/v2/team/app/manifests/1')
  await pullUntilKept(mirrored.server, `/v2/team/app/blobs/${layer}`)
  const contents = [
    { path: '/v2/team/app/manifests/1', digest },
    { path: `/v2/team/app/manifests/${digest}`, digest },
    { path: `/v2/team/app/blobs/${layer}`, digest: layer },
  ]
  return { ...mirrored, contents }
}

describe.each(['GET', 'HEAD'])('If-None-Match of a %s', (method) => {
  test('that names the digest is answered 304, without a body', async () => {
    const { server, contents } = await startWithKeptImage()

    for (const { path, digest } of contents) {
      for (const etag of [`"${digest}"`, `W/"${digest}"`, digest, `"other", "${digest}"`, '*']) {
        const reply = await ask(server, path, { method, headers: { 'if-none-match': etag } })
        expect(reply.status, `${path} ${etag}`).toBe(304)
        expect(reply.body).toHaveLength(0)
        expect(reply.headers).toMatchObject({
          etag: `"${digest}"`,
          'docker-content-digest': digest,
          'x-entrepot-cache': 'hit',
        })
      }
    }
  })

  test('that names something else is answered in full', async () => {
    const { server, contents } = await startWithKeptImage()

    for (const { path } of contents) {
      const headers = { 'if-none-match': '"sha256:other"' }
      const reply = await ask(server, path, { method, headers })
      expect(reply.status).toBe(200)
      expect(Number(reply.headers['content-length'])).toBeGreaterThan(0)
    }
  })
})
