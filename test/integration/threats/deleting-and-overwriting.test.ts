// What may be deleted and overwritten, by whom, and that it is gone then.

import { describe, expect, test } from 'vitest'
import { smallImage } from '../../support/image-builder.ts'
import { pushImage, putManifest } from '../../support/push-image.ts'
import { ask, type Reply } from '../../support/raw-client.ts'
import { makeFolder, startMirrored, startServerForTest } from '../../support/start-mirrored.ts'
import type { Settings, StartedServer } from '../../support/start-server.ts'

const elsewhere = { 'x-forwarded-for': '192.0.2.1' }

const statusOf = async (server: StartedServer, path: string, method = 'GET') =>
  (await ask(server, path, { method, headers: elsewhere })).status

/** Everybody may do this to what lies under team. */
const mayOnly = (...may: string[]) => ({
  access: { anonymous: 'none', rules: [{ who: 'anonymous', repositories: 'team/**', may }] },
})

/** With an image in team/app that was pushed while everybody might; then these settings. */
const startWithImage = async (settings: Settings, threads = 1) => {
  const common = { offline: true, threads }
  const open = { ...common, access: { anonymous: 'push' } }
  const server = await startServerForTest(await makeFolder(), open)
  const image = await pushImage(server, 'team/app', { tag: 'latest', recipe: smallImage('a') })
  await server.configure({ ...common, ...settings })
  const paths = {
    tag: '/v2/team/app/manifests/latest',
    manifest: `/v2/team/app/manifests/${image.descriptor.digest}`,
    blob: `/v2/team/app/blobs/${image.layers[0]?.digest}`,
  }
  return { server, image, paths }
}

describe.each([1, 2])('what was deleted, with %i threads', (threads) => {
  test('stays so when another repository is asked for it (distribution’s CVE-2026-35172)', async () => {
    const may = ['pull', 'push', 'delete']
    const server = await startServerForTest(await makeFolder(), {
      offline: true,
      threads,
      ...mayOnly(...may),
    })
    const same = { tag: '1', recipe: smallImage('same') }
    await pushImage(server, 'team/a', same)
    const { layers } = await pushImage(server, 'team/b', same)
    const digest = layers[0]?.digest
    const [ofA, ofB] = [`/v2/team/a/blobs/${digest}`, `/v2/team/b/blobs/${digest}`]
    // In memory by then.
    for (const _ of [1, 2, 3, 4]) expect(await statusOf(server, ofA)).toBe(200)

    expect(await statusOf(server, ofA, 'DELETE')).toBe(202)
    for (const _ of [1, 2, 3, 4]) {
      expect(await statusOf(server, ofB)).toBe(200)
      for (const method of ['GET', 'HEAD']) expect(await statusOf(server, ofA, method)).toBe(404)
      const ranged = await ask(server, ofA, { headers: { range: 'bytes=0-9' } })
      const revalidated = await ask(server, ofA, { headers: { 'if-none-match': `"${digest}"` } })
      expect([ranged.status, revalidated.status]).toEqual([404, 404])
    }
    const mount = `/v2/team/c/blobs/uploads/?mount=${digest}&from=team/a`
    expect(await statusOf(server, mount, 'POST')).toBe(202)
  })

  test('is no more to be had by its digest, nor by a tag of it', async () => {
    const { server, paths } = await startWithImage(mayOnly('pull', 'delete'), threads)
    for (const path of [paths.tag, paths.manifest]) expect(await statusOf(server, path)).toBe(200)

    expect(await statusOf(server, paths.manifest, 'DELETE')).toBe(202)

    for (const path of [paths.tag, paths.manifest])
      for (const _ of [1, 2, 3, 4]) expect(await statusOf(server, path)).toBe(404)
    expect(await statusOf(server, paths.manifest, 'DELETE')).toBe(404)
  })
})

describe('who may only push', () => {
  test.each([
    { name: 'by a rule', settings: mayOnly('push') },
    { name: 'by a rule, and pull', settings: mayOnly('push', 'pull') },
  ])('deletes nothing (zot’s GHSA-qg67-7m6v-qg25): $name', async ({ settings }) => {
    const { server, paths } = await startWithImage(settings)
    for (const path of Object.values(paths))
      expect(await statusOf(server, path, 'DELETE'), path).toBe(403)
    await server.configure({ offline: true })
    for (const path of Object.values(paths)) expect(await statusOf(server, path)).toBe(200)
  })
})

test('who may only delete pushes nothing, and pulls nothing', async () => {
  const { server, image, paths } = await startWithImage(mayOnly('delete'))
  const put = await ask(server, paths.tag, {
    method: 'PUT',
    headers: { ...elsewhere, 'content-type': image.descriptor.mediaType },
    body: image.bytes,
  })
  expect(put.status).toBe(403)
  expect(await statusOf(server, '/v2/team/app/blobs/uploads/', 'POST')).toBe(403)
  for (const path of Object.values(paths)) expect(await statusOf(server, path)).toBe(403)
})

describe('a tag that must not move', () => {
  /** Whoever asks may do all else. */
  const expectFixed = async (asked: Promise<Reply>) => {
    const { status, body } = await asked
    expect(status).toBe(403)
    expect(body.toString()).toContain('hosted.immutableTags')
  }
  const fixed = {
    access: {
      anonymous: 'none',
      rules: [{ who: 'anonymous', repositories: 'team/**', may: ['pull', 'push', 'delete'] }],
    },
    hosted: { immutableTags: ['latest'] },
  }

  test('is overwritten in no way (zot’s CVE-2026-31801)', async () => {
    const { server, image, paths } = await startWithImage(fixed)
    const other = await pushImage(server, 'team/app', { tag: 'other', recipe: smallImage('b') })
    const { mediaType } = other.descriptor
    const put = (reference: string) =>
      putManifest(server, 'team/app', { reference, mediaType, bytes: other.bytes })

    expect((await put('latest')).status).toBe(403)
    expect((await put('new?tag=latest')).status).toBe(403)
    expect((await put(`${other.descriptor.digest}?tag=latest`)).status).toBe(403)
    const copy = { from: 'team/app:other', to: 'team/app:latest' }
    await expectFixed(server.post('/api/v1/copy', copy))

    expect((await ask(server, paths.tag)).body).toEqual(image.bytes)
    expect(await statusOf(server, '/v2/team/app/manifests/new')).toBe(404)
  })

  test('is deleted in no way (distribution’s CVE-2026-41888)', async () => {
    const { server, paths } = await startWithImage(fixed)

    expect(await statusOf(server, paths.tag, 'DELETE')).toBe(403)
    expect(await statusOf(server, paths.manifest, 'DELETE')).toBe(403)
    for (const body of [{ image: 'team/app:latest' }, { repository: 'team/app' }])
      await expectFixed(server.post('/api/v1/remove', body))
    const rules = [{ repositories: ['**'], keepLast: 0, maxAgeMs: 0 }]
    await server.post('/api/v1/prune', { rules })

    for (const path of [paths.tag, paths.manifest]) expect(await statusOf(server, path)).toBe(200)
  })
})

test('nothing is pushed to, deleted from or overwritten at an upstream', async () => {
  const { upstream, server } = await startMirrored({}, { access: { anonymous: 'push' } })
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  const manifest = `/v2/docker.io/team/app/manifests/1`
  const blob = `/v2/docker.io/team/app/blobs/${image.layers[0]?.digest}`
  await ask(server, manifest)
  const { mediaType } = image.descriptor
  const statuses = [
    await putManifest(server, 'docker.io/team/app', {
      reference: '1',
      mediaType,
      bytes: image.bytes,
    }),
    await putManifest(server, 'library/app', { reference: '1', mediaType, bytes: image.bytes }),
    await ask(server, '/v2/docker.io/team/app/blobs/uploads/', { method: 'POST' }),
    await ask(server, manifest, { method: 'DELETE' }),
    await ask(server, blob, { method: 'DELETE' }),
    await ask(server, '/docker.io/v2/team/app/manifests/1', { method: 'DELETE' }),
  ].map(({ status }) => status)

  for (const status of statuses) expect([403, 405]).toContain(status)
  expect(upstream.requests.every(({ method }) => ['GET', 'HEAD'].includes(method))).toBe(true)
  expect((await ask(server, manifest)).body).toEqual(image.bytes)
})
