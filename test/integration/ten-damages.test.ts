import { readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { digestOf, makeBytes } from '../support/image-builder.ts'
import { pushImage, uploadBlob } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { type EndedCommand, runCommand } from '../support/run-command.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

type Finding = { readonly name: string; readonly kind: string; readonly outcome?: string } & {
  readonly images: readonly string[]
  readonly what: string
}

const blob = (digest: string) => `/v2/library/node/blobs/${digest}`

/** A server with a mirrored image of seven layers and a pushed one. */
const start = async (others = {}) => {
  const mirrored = await startMirrored({}, { access: { anonymous: 'push' }, ...others })
  const { server, upstream } = mirrored
  const layerSizes = [70_000, 71_000, 72_000, 73_000, 73_000, 74_000, 75_000]
  const image = await upstream.repository('library/node').addImage('20', { seed: 'n', layerSizes })
  const all = [image.config, ...image.layers].map(({ digest }) => digest)
  await ask(server, '/v2/docker.io/library/node/manifests/20')
  for (const digest of all)
    await pullUntilKept(server, `/v2/docker.io/library/node/blobs/${digest}`)
  const pushed = await pushImage(server, 'team/app', {
    tag: '1',
    recipe: { seed: 'p', layerSizes: [80_000] },
  })
  const file = (digest: string) => join(server.data, 'blobs', 'sha256', digest.slice(7))
  const config = join(server.data, '..', 'mirrors.yaml')
  const verify = async (...args: readonly string[]) =>
    runCommand('verify', '--config', config, ...args)
  return { ...mirrored, image, pushed, file, verify }
}

const findingsOf = ({ stdout }: EndedCommand) => {
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] }
  return new Map(findings.map((finding) => [finding.name, finding]))
}

const flipBit = async (file: string) => {
  const bytes = await readFile(file)
  bytes[1000 % bytes.length]! ^= 1
  await writeFile(file, bytes, { flag: 'r+' })
}

const swap = async (one: string, other: string) => {
  await rename(one, `${one}.away`)
  await rename(other, one)
  await rename(`${one}.away`, other)
}

const damage = async ({ image, pushed, file, server }: Awaited<ReturnType<typeof start>>) => {
  const [flipped, cut, empty, swapped, other, deleted] = image.layers.map(({ digest }) => digest)
  const named = { flipped, cut, empty, swapped, other, deleted } as Record<string, string>
  const digests = {
    ...(named as Record<keyof typeof named, string>),
    manifest: image.descriptor.digest,
    config: image.config.digest,
    hosted: pushed.layers[0]?.digest ?? '',
  } as Record<string, string>
  await flipBit(file(digests.flipped!))
  await truncate(file(digests.cut!), 1000)
  await truncate(file(digests.empty!), 0)
  await swap(file(digests.swapped!), file(digests.other!))
  await rm(file(digests.deleted!))
  await writeFile(join(server.data, 'blobs', 'sha256', 'README.txt'), 'mine')
  await flipBit(file(digests.manifest!))
  await flipBit(file(digests.config!))
  await flipBit(file(digests.hosted!))
  const bytes = makeBytes('nobody’s', 5000)
  await writeFile(file(digestOf(bytes)), bytes)
  return { ...digests, unrecorded: digestOf(bytes) } as Record<string, string>
}

const expected: Readonly<Record<string, string>> = {
  flipped: 'wrong-bytes',
  cut: 'wrong-size',
  empty: 'empty',
  swapped: 'wrong-bytes',
  other: 'wrong-bytes',
  deleted: 'no-file',
  manifest: 'wrong-bytes',
  config: 'wrong-bytes',
  hosted: 'wrong-bytes',
  unrecorded: 'no-row',
}

test('what is right is said to be so', async () => {
  const { verify } = await start()
  const { code, stdout, stderr } = await verify()
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^12 files, .*: nothing is wrong\n$/)])
  expect(stderr).toBe('')
})

test('verify names each of ten damages, and changes nothing', async () => {
  const started = await start()
  const damaged = await damage(started)
  const ended = await started.verify('--json')
  const found = findingsOf(ended)
  expect(ended.code).toBe(1)
  for (const [name, kind] of Object.entries(expected)) {
    expect([name, found.get(damaged[name]!)?.kind]).toEqual([name, kind])
  }
  expect(found.get('blobs/sha256/README.txt')?.kind).toBe('foreign')
  expect(found.size).toBe(11)
  expect(found.get(damaged.cut!)?.what).toMatch(/^1000 bytes instead of 7\d{4}$/)
  for (const name of ['flipped', 'deleted', 'manifest', 'config']) {
    expect(found.get(damaged[name]!)?.images).toEqual(['docker.io/library/node:20'])
  }
  expect(found.get(damaged.hosted!)?.images).toEqual(['team/app:1'])
  expect(await readdir(started.server.data)).not.toContain('quarantine')

  const plain = await started.verify()
  expect(plain.stdout).toContain(`${damaged.flipped}: wrong bytes; of docker.io/library/node:20\n`)
  expect(plain.stdout).toContain('11 wrong, 11 left; --repair')
})

test.each([1, 2])(
  'verify --repair heals what was mirrored beside a server with %i threads, and says what must be pushed again',
  async (threads) => {
    const started = await start({ threads })
    const { server, image, pushed, verify } = started
    // All of it is open, and known, in all threads.
    for (const { digest } of image.layers) {
      for (let times = 0; times < 8; times++) await ask(server, blob(digest))
    }
    const damaged = await damage(started)

    const ended = await verify('--repair', '--json')

    const found = findingsOf(ended)
    expect(ended.code).toBe(1)
    const outcomes = Object.keys(expected).map((name) => [name, found.get(damaged[name]!)?.outcome])
    expect(Object.fromEntries(outcomes)).toEqual({
      ...Object.fromEntries(Object.keys(expected).map((name) => [name, 'fetched'])),
      hosted: 'lost',
      unrecorded: 'recorded',
    })
    for (const { digest } of [image.config, ...image.layers]) {
      for (let times = 0; times < 8; times++) {
        const { body, headers } = await ask(server, blob(digest))
        expect(digestOf(body)).toBe(digest)
        expect(headers['x-entrepot-cache']).toBe('hit')
      }
    }
    expect(await readdir(join(server.data, 'quarantine'))).toHaveLength(10)

    // What was pushed isn't served damaged, isn't said to be there, and is whole once pushed again.
    const lost = damaged.hosted!
    const path = `/v2/team/app/blobs/${lost}`
    expect((await ask(server, path, { method: 'HEAD' })).status).toBe(404)
    expect((await ask(server, path)).status).toBe(500)
    const again = findingsOf(await verify('--json'))
    expect([...again.keys()]).toEqual([lost])
    await pushImage(server, 'team/app', { tag: '1', recipe: { seed: 'p', layerSizes: [80_000] } })
    expect(digestOf((await ask(server, path)).body)).toBe(pushed.layers[0]?.digest)
    expect((await verify()).code).toBe(0)
  },
)

test('what upstream has no more is out of the way, and its record too', async () => {
  const { upstream, image, file, verify, server } = await start()
  const digest = image.layers[0]?.digest ?? ''
  await flipBit(file(digest))
  upstream.repository('library/node').blobs.delete(digest)

  const { code, stdout } = await verify('--repair')

  expect([code, stdout]).toEqual([0, expect.stringContaining('its record is taken away')])
  expect((await verify()).code).toBe(0)
  expect((await ask(server, blob(digest))).status).toBe(404)
})

test('what upstream can’t say now stays recorded until it can', async () => {
  const { upstream, image, file, verify, server } = await start()
  const digest = image.layers[0]?.digest ?? ''
  await flipBit(file(digest))
  await upstream.stop()
  const { code, stdout } = await verify('--repair')
  expect([code, stdout]).toEqual([
    1,
    expect.stringMatching(/can't be fetched again now.*1 left$/ms),
  ])
  await upstream.start()
  expect((await verify('--repair')).stdout).toContain('fetched again from docker.io/library/node')
  expect((await verify()).code).toBe(0)
  expect((await ask(server, blob(digest))).headers['x-entrepot-cache']).toBe('hit')
})

test('a file that can’t even be looked at is named, and the others are verified', async () => {
  const { image, file, verify } = await start()
  const digest = image.layers[0]?.digest ?? ''
  await rm(file(digest))
  await symlink(file(digest), file(digest))
  const { code, stdout } = await verify()
  expect([code, stdout]).toEqual([
    1,
    expect.stringContaining(`${digest}: it can't be read (ELOOP)`),
  ])
  expect(stdout).toContain('12 files')
  expect((await verify('--repair')).code).toBe(0)
  expect((await verify()).stdout).toContain('12 files')
})

test('a pushed manifest that was damaged is said to be absent until it is pushed again', async () => {
  const { pushed, file, verify, server } = await start()
  await flipBit(file(pushed.descriptor.digest))
  const path = '/v2/team/app/manifests/1'
  const { code, stdout } = await verify('--repair')
  expect([code, stdout]).toEqual([1, expect.stringMatching(/LOST: .*team\/app.*Push the image/)])
  expect((await ask(server, path, { method: 'HEAD' })).status).toBe(404)
  await pushImage(server, 'team/app', { tag: '1', recipe: { seed: 'p', layerSizes: [80_000] } })
  expect((await ask(server, path)).body).toEqual(pushed.bytes)
  expect((await verify()).code).toBe(0)
})

test('verify goes on beside pushes without finding anything', async () => {
  const { server, verify } = await start()
  let isOver = false
  const pushing = (async () => {
    for (let count = 0; !isOver; count++) {
      const bytes = makeBytes(`${count}`, 20_000)
      await uploadBlob(server, 'team/other', { digest: digestOf(bytes), bytes })
    }
  })()
  const ended = await verify()
  isOver = true
  await pushing
  expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining('nothing is wrong')])
})

test('verify says where there is nothing to verify', async () => {
  const { code, stderr } = await runCommand('verify', '--config', '/nowhere/mirrors.yaml')
  expect([code, stderr]).toEqual([1, expect.stringContaining('found no file')])
})
