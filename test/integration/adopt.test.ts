import { access, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { waitUntil } from '../support/lab/background-process.ts'
import { ask } from '../support/raw-client.ts'
import { RegistryFolder } from '../support/registry-folder.ts'
import { runCommand, writeMirrors } from '../support/run-command.ts'
import { makeFolder, startMirrored } from '../support/start-mirrored.ts'

const start = async (others = {}) => {
  const mirrored = await startMirrored({}, others)
  const { server, settings } = mirrored
  const registry = new RegistryFolder(join(await makeFolder(), 'registry'))
  const config = ['--config', await writeMirrors({ ...settings, data: server.data })]
  const run = (...args: readonly string[]) => runCommand('adopt', registry.root, ...args, ...config)
  const pull = (name: string, kind: 'manifests' | 'blobs', reference: string) =>
    ask(server, `/v2/${name}/${kind}/${reference}`)
  return { ...mirrored, registry, run, pull }
}

test('a running server serves what is adopted beside it, also under a name that was asked for before', async () => {
  const { registry, run, pull, upstream } = await start()
  const { manifest, config, layers } = await registry.addImage('team/app', '1')
  expect((await pull('team/app', 'manifests', '1')).status).toBe(404)
  const { code, stdout, stderr } = await run()
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('team/app: 1 image, 1 tag')
  expect(stdout).toContain('of which 3 (')
  await waitUntil(
    'it is served',
    async () => (await pull('team/app', 'manifests', '1')).status === 200,
  )
  const asked = upstream.requests.length
  const pulled = await pull('team/app', 'manifests', '1')
  expect(pulled.headers).toMatchObject({
    'docker-content-digest': manifest.digest,
    'x-entrepot-cache': 'hosted',
  })
  for (const { digest, size } of [config, ...layers])
    expect((await pull('team/app', 'blobs', digest)).body).toHaveLength(size)
  expect(upstream.requests).toHaveLength(asked)
})

test('what was pulled through a registry is a hit here, while upstream is down', async () => {
  const { registry, run, pull, upstream } = await start()
  const { manifest, layers } = await registry.addImage('library/alpine', 'latest')
  await writeFile(join(registry.root, 'scheduler-state.json'), '{}')
  const { code, stdout } = await run()
  expect([code, stdout]).toEqual([0, expect.stringContaining('images of docker.io')])
  await upstream.stop()
  const byTag = await pull('docker.io/library/alpine', 'manifests', 'latest')
  expect([byTag.status, byTag.headers['x-entrepot-cache']]).toEqual([200, 'stale'])
  const byDigest = await pull('library/alpine', 'manifests', manifest.digest)
  expect([byDigest.status, byDigest.headers['x-entrepot-cache']]).toEqual([200, 'hit'])
  const layer = await pull('library/alpine', 'blobs', layers[0]?.digest ?? '')
  expect([layer.status, `${layer.body}`]).toEqual([200, 'a layer'])
})

test('says what is wrong, and ends with 1', async () => {
  const { registry, run } = await start()
  const { layers } = await registry.addImage('team/app', '1')
  await registry.addImage('team/other', '1', { layers: ['other'] })
  await rm(registry.contentOf(layers[0]?.digest ?? ''))
  const { code, stdout, stderr } = await run('--json')
  expect([code, stderr]).toEqual([1, expect.stringContaining('team/app:1@')])
  expect(JSON.parse(stdout)).toMatchObject({
    folder: registry.inside(),
    upstream: null,
    repositories: 1,
    images: 1,
    faultCount: 1,
    faults: [{ what: expect.stringContaining(layers[0]?.digest ?? '') }],
  })
})

test('copies no file where so little of the disk is free, and says so', async () => {
  const { registry, run } = await start({ space: { minFree: '1PiB' } })
  const layer = registry.contentOf((await registry.addBlob('team/app', 'linked')).digest)
  await registry.addImage('team/app', '1', { layers: ['linked'] })
  expect((await run()).code).toBe(0)
  // A link's target is copied.
  await registry.addImage('team/app', '2', { layers: ['copied'] })
  const copied = registry.contentOf((await registry.addBlob('team/app', 'copied')).digest)
  await rm(copied)
  await writeFile(`${layer}.copied`, 'copied')
  await symlink(`${layer}.copied`, copied)
  const { code, stderr } = await run()
  expect([code, stderr]).toEqual([1, expect.stringContaining('space.minFree')])
})

test('a dry run makes no data folder', async () => {
  const folder = await makeFolder()
  const registry = new RegistryFolder(join(folder, 'registry'))
  await registry.addImage('team/app', '1')
  const data = join(folder, 'data')
  const config = ['--config', await writeMirrors({ data })]
  const { code, stdout } = await runCommand('adopt', registry.root, '--dry-run', ...config)
  expect([code, stdout]).toEqual([0, expect.stringContaining('would be taken: 1 image, 1 tag')])
  await expect(access(data)).rejects.toThrow('ENOENT')
})

test('says what a folder lacks, and which upstreams there are', async () => {
  const { registry, run } = await start()
  const nothing = await run()
  expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('is no folder')])
  await registry.addImage('team/app', '1')
  const unknown = await run('--upstream', 'ghcr.io')
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('(docker.io)')])
})
