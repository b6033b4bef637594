import { expect, test, vi } from 'vitest'
import { ask } from '../support/raw-client.ts'
import { fail } from '../support/scripted-behaviour.ts'
import { blobPath, startLayered } from '../support/start-layered.ts'

const elsewhere = (path: string) => path.replace('/v2/', '/v2/registry.example/')

/**
 * A base image is kept from Docker Hub. Of an image on top of it, in another registry, somebody who
 * has the base asked for the manifest and for what is new.
 */
const startWithKeptBase = async ({ isPrivate = false } = {}) => {
  const layered = await startLayered()
  const { upstream, server } = layered
  const { url } = upstream
  const upstreams = { 'docker.io': { url, private: isPrivate }, 'registry.example': { url } }
  const rules = [{ who: 'anonymous', repositories: 'docker.io/**', may: 'pull' }]
  await server.configure({ upstreams, access: { rules } })
  const base = layered.addImage('base', 3)
  await layered.pullManifest('base')
  await layered.pullLayer(base, 0)
  await layered.kept(base)
  const image = layered.addImage('1', 1, base.layers)
  const pullNew = async () => {
    await ask(server, elsewhere('/v2/team/app/manifests/1'))
    await ask(server, elsewhere(blobPath(image.layers[3])))
    await layered.kept(image)
  }
  const asked = () => upstream.find(/^HEAD .*\/blobs\//).map(({ url }) => url.split('/').at(-1))
  return { layered, base, pullNew, asked }
}

test('layers kept from another registry are asked about ahead, and there when this one is gone', async () => {
  const { layered, base, pullNew, asked } = await startWithKeptBase()
  await pullNew()
  await vi.waitFor(() => expect(asked()).toHaveLength(3))
  await layered.server.post('/api/v1/offline', { offline: true })

  // They are asked about one after another: when the third is, the first two are noted.
  expect(asked()).toEqual(base.layers)
  for (const layer of base.layers.slice(0, 2)) {
    const reply = await ask(layered.server, elsewhere(blobPath(layer)))
    expect(reply.status).toBe(200)
    expect(reply.headers['x-entrepot-cache']).toBe('hit')
  }
})

test('one that this registry has not stays closed, and keeps no other from being asked about', async () => {
  const { layered, base, pullNew, asked } = await startWithKeptBase()
  layered.upstream.script(new RegExp(`HEAD .*${base.layers[0]}`), fail(404))
  await pullNew()
  await vi.waitFor(() => expect(asked()).toHaveLength(3))

  const statuses = base.layers.map(async (layer) => {
    return (await ask(layered.server, elsewhere(blobPath(layer)))).status
  })

  expect(await Promise.all(statuses)).toEqual([404, 200, 200])
  expect(asked()).toHaveLength(3)
})

test('layers kept from a private upstream are fetched ahead: this registry must show that it has them', async () => {
  const { layered, base, pullNew, asked } = await startWithKeptBase({ isPrivate: true })
  const got = () =>
    layered.upstream.find(/^GET .*\/blobs\//).map(({ url }) => url.split('/').at(-1))
  const before = got().length
  await pullNew()
  await vi.waitFor(() =>
    expect(got().slice(before)).toEqual(expect.arrayContaining([...base.layers])),
  )
  await vi.waitFor(async () => expect(await layered.server.listPartials()).toEqual([]))
  await layered.server.post('/api/v1/offline', { offline: true })

  await vi.waitFor(async () => {
    for (const layer of base.layers)
      expect((await ask(layered.server, elsewhere(blobPath(layer)))).status).toBe(200)
  })
  expect(asked()).toEqual([])
})
