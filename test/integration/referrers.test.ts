import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { startMirrored, tagTtlMs } from '../support/start-mirrored.ts'

const indexType = 'application/vnd.oci.image.index.v1+json'
const signatureType = 'application/vnd.dev.cosign.artifact.sig.v1+json'
const sbomType = 'application/spdx+json'

const descriptorOf = (artifactType: string, character: string) => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: `sha256:${character.repeat(64)}`,
  size: 700,
  artifactType,
  annotations: { 'org.example.note': `ümlaut ${character}`, empty: '' },
})

const signature = descriptorOf(signatureType, 'a')
const sbom = descriptorOf(sbomType, 'b')

const startWithReferrers = async () => {
  const mirrored = await startMirrored()
  const repository = mirrored.upstream.repository('team/app')
  const { descriptor } = await repository.addImage('1', smallImage('a'))
  repository.referrers.set(descriptor.digest, [signature, sbom])
  const path = `/v2/team/app/referrers/${descriptor.digest}`
  return { ...mirrored, repository, subject: descriptor.digest, path }
}

test('referrers come as an index, each descriptor as upstream gave it', async () => {
  const { server, path } = await startWithReferrers()

  const reply = await ask(server, path)

  expect(reply.status).toBe(200)
  expect(reply.headers['content-type']).toBe(indexType)
  expect(reply.headers).not.toHaveProperty('oci-filters-applied')
  expect(JSON.parse(reply.body.toString())).toEqual({
    schemaVersion: 2,
    mediaType: indexType,
    manifests: [signature, sbom],
  })
})

test('artifactType filters, says so, and costs no other request upstream', async () => {
  const { upstream, server, path } = await startWithReferrers()
  await ask(server, path)

  for (const [type, manifests] of [
    [signatureType, [signature]],
    [sbomType, [sbom]],
    ['application/none', []],
  ] as const) {
    const reply = await ask(server, `${path}?artifactType=${encodeURIComponent(type)}`)
    expect(reply.headers['oci-filters-applied']).toBe('artifactType')
    expect(reply.headers['content-type']).toBe(indexType)
    expect(JSON.parse(reply.body.toString()).manifests).toEqual(manifests)
  }
  expect(upstream.count(/referrers/)).toBe(1)
})

test('a subject without referrers has an empty index', async () => {
  const { server, repository, subject, path } = await startWithReferrers()
  repository.referrers.delete(subject)

  const reply = await ask(server, path)

  expect(reply.status).toBe(200)
  expect(JSON.parse(reply.body.toString()).manifests).toEqual([])
})

test('a signature pushed after an empty answer is seen within seconds', async () => {
  const { server, clock, repository, subject, path } = await startWithReferrers()
  repository.referrers.delete(subject)
  await ask(server, path)
  repository.referrers.set(subject, [signature])

  clock.advance(5_000)

  const reply = await ask(server, path)
  expect(JSON.parse(reply.body.toString()).manifests).toEqual([signature])
})

test('an upstream without the API gives 404, and the fallback tag is pulled like any other', async () => {
  const { server, clock, repository, subject, path } = await startWithReferrers()
  repository.hasReferrersApi = false
  const tag = subject.replace(':', '-')
  const fallback = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [signature] }),
  )

  const reply = await ask(server, path)
  expect(reply.status).toBe(404)
  expect(errorOf(reply).message).toContain('docker.io')
  expect((await ask(server, `/v2/team/app/manifests/${tag}`)).status).toBe(404)

  repository.addManifest({ bytes: fallback, mediaType: indexType }, tag)
  clock.advance(5_000)
  const found = await ask(server, `/v2/team/app/manifests/${tag}`)
  expect(found.body).toEqual(fallback)
  expect(found.headers['content-type']).toBe(indexType)
})

test('known referrers are served stale while the upstream is down', async () => {
  const { upstream, server, clock, path } = await startWithReferrers()
  await ask(server, path)
  clock.advance(tagTtlMs)
  await upstream.stop()

  const reply = await ask(server, path)

  expect(reply.status).toBe(200)
  expect(reply.headers['x-entrepot-cache']).toBe('stale')
  expect(reply.headers.warning).toMatch(/^299 - ".*docker\.io/)
  expect(JSON.parse(reply.body.toString()).manifests).toEqual([signature, sbom])
})

test('unknown referrers are no 404 and no empty index while the upstream is down', async () => {
  const { upstream, server, path } = await startWithReferrers()
  await upstream.stop()

  expect((await ask(server, path)).status).toBe(503)
})

test.each(['sha256:short', 'latest', 'md5:d41d8cd98f00b204e9800998ecf8427e'])(
  'the malformed digest %s is refused',
  async (digest) => {
    const { server } = await startWithReferrers()

    const reply = await ask(server, `/v2/team/app/referrers/${digest}`)

    expect(reply.status).toBe(400)
    expect(errorOf(reply).code).toBe('DIGEST_INVALID')
  },
)

test('many who ask at once cause one request upstream', async () => {
  const { upstream, server, path } = await startWithReferrers()

  const replies = await Promise.all(Array.from({ length: 20 }, () => ask(server, path)))

  for (const { status } of replies) expect(status).toBe(200)
  expect(upstream.count(/referrers/)).toBe(1)
})
