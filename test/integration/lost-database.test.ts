import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { digestOf, smallImage, threePlatforms } from '../support/image-builder.ts'
import { pushImage } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored, startUpstream } from '../support/start-mirrored.ts'
import type { Settings, StartedServer } from '../support/start-server.ts'

const name = '/v2/docker.io/library/node'

const rebuilt = ({ log }: StartedServer) =>
  vi.waitFor(() => {
    const line = log.find(({ msg }) => `${msg}`.startsWith('the database knew nothing'))
    if (!line) throw new Error('nothing is found again')
    return `${line.msg}`
  }, 20_000)

/** An index of which two platforms and their layers are kept. */
const start = async (others: Settings = {}) => {
  const mirrored = await startMirrored({ prefetch: false }, others)
  const { server, upstream } = mirrored
  const repository = upstream.repository('library/node')
  const index = await repository.addIndex('20', smallImage('n'), threePlatforms)
  const images = index.images.slice(0, 2)
  const paths = images.flatMap(({ descriptor, config, layers }) => [
    `${name}/manifests/${descriptor.digest}`,
    ...[config, ...layers].map(({ digest }) => `${name}/blobs/${digest}`),
  ])
  await ask(server, `${name}/manifests/20`)
  for (const path of paths) await pullUntilKept(server, path)
  const restartWithout = async (how = 'deleted') => {
    await server.stop()
    const file = join(server.data, 'entrepot.db')
    if (how === 'emptied') await writeFile(file, '')
    else for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true })
    upstream.requests.length = 0
    return mirrored.restart()
  }
  return { ...mirrored, index, images, paths, restartWithout }
}

test.each(['deleted', 'emptied'])(
  'with its database %s a server finds all that it has, and fetches none of it again',
  async (how) => {
    const { index, paths, upstream, restartWithout } = await start()
    const server = await restartWithout(how)
    expect(await rebuilt(server)).toContain('7 files')
    expect(await rebuilt(server)).toContain('3 manifests')

    const byTag = await ask(server, `${name}/manifests/20`)
    expect([byTag.status, byTag.headers['content-type']]).toEqual([200, index.descriptor.mediaType])
    expect(digestOf(byTag.body)).toBe(index.descriptor.digest)
    for (const path of paths) {
      const { body, headers } = await ask(server, path)
      expect(path).toContain(digestOf(body))
      expect(headers['x-entrepot-cache']).toBe('hit')
    }
    expect(upstream.find(/^GET .*\/(manifests|blobs)\//)).toEqual([])
    // Each is asked for once.
    const asked = upstream.requests.length
    for (const path of paths) await ask(server, path)
    expect(upstream.requests).toHaveLength(asked)
  },
)

test('what is pulled before it is found again is served too, without a fetch of a blob', async () => {
  const { paths, upstream, restartWithout } = await start()
  const server = await restartWithout()
  const replies = await Promise.all(
    [`${name}/manifests/20`, ...paths].map((path) => ask(server, path)),
  )
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200))
  expect(upstream.find(/^GET .*\/blobs\//)).toEqual([])
})

test('a manifest that is asked for as a blob is found again as a manifest', async () => {
  const { images, upstream, restartWithout } = await start()
  const [image] = images
  if (!image) throw new Error('nothing is kept')
  // As distribution does.
  upstream.repository('library/node').addBlob(image.bytes)
  const server = await restartWithout()
  await ask(server, `${name}/blobs/${image.descriptor.digest}`)
  expect(await rebuilt(server)).toContain('3 manifests')
  const { status } = await ask(server, `${name}/manifests/${image.descriptor.digest}`)
  expect(status).toBe(200)
  expect(upstream.find(/^GET .*\/(manifests|blobs)\//)).toEqual([])
})

test('what is found again is nobody’s until its upstream says so', async () => {
  const other = await startUpstream()
  const { paths, index, upstream, server, restart, settings } = await start()
  await server.stop()
  await rm(join(server.data, 'entrepot.db'))
  upstream.requests.length = 0
  // An upstream for every name, from which anybody may pull.
  const { 'docker.io': ofHub } = settings.upstreams as Record<string, object>
  const upstreams = { 'docker.io': ofHub, 'quay.io': { url: other.url }, '*': {} }
  const restarted = await restart({ ...settings, access: { anonymous: 'push' }, upstreams })
  await rebuilt(restarted)
  const elsewhere = (path: string) => path.replace('docker.io', 'quay.io')
  for (const path of [`${name}/manifests/${index.descriptor.digest}`, ...paths]) {
    expect((await ask(restarted, elsewhere(path))).status).toBe(404)
    const blob = path.replace(/.*\//, '')
    const own = await ask(restarted, `/v2/team/app/blobs/${blob}`, { method: 'HEAD' })
    expect(own.status).toBe(404)
  }
  // Nor while it can't say.
  await upstream.stop()
  for (const path of paths) expect((await ask(restarted, path)).status).toBe(503)
  await upstream.start()
  await vi.waitFor(async () => {
    for (const path of paths) expect((await ask(restarted, path)).status).toBe(200)
  }, 15_000)
  expect(upstream.find(/^GET .*\/blobs\//)).toEqual([])
})

test('a file that lies there under a digest that isn’t its own is never served', async () => {
  const { images, paths, upstream, restartWithout, server } = await start()
  const layer = images[0]?.layers[0]?.digest ?? ''
  const manifest = images[0]?.descriptor.digest ?? ''
  for (const digest of [layer, manifest])
    await writeFile(join(server.data, 'blobs', 'sha256', digest.slice(7)), 'something else')
  const restarted = await restartWithout()
  await rebuilt(restarted)
  expect(await readdir(join(restarted.data, 'quarantine'))).toHaveLength(3)
  for (const path of paths) expect(path).toContain(digestOf((await ask(restarted, path)).body))
  expect(upstream.find(/^GET .*\/(manifests|blobs)\//)).toHaveLength(2)
})

test('what was pushed lies there, and is whole again once it is pushed again', async () => {
  const { server, restartWithout } = await start({ access: { anonymous: 'push' } })
  const recipe = smallImage('p')
  await pushImage(server, 'team/app', { tag: '1', recipe })
  const restarted = await restartWithout()
  expect(await rebuilt(restarted)).toContain('10 files')
  expect((await ask(restarted, '/v2/team/app/manifests/1')).status).toBe(404)
  const { bytes } = await pushImage(restarted, 'team/app', { tag: '1', recipe })
  expect((await ask(restarted, '/v2/team/app/manifests/1')).body).toEqual(bytes)
})

test('a server whose database knows all of it looks for nothing', async () => {
  const { restart } = await start()
  const server = await restart()
  await ask(server, `${name}/manifests/20`)
  await server.stop()
  expect(server.log.filter(({ msg }) => `${msg}`.includes('knew nothing'))).toEqual([])
})
