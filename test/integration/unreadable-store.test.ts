import { mkdir, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import SqliteDriver from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { makeBytes, smallImage } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'

const path = '/v2/team/app/manifests/1'

const startWithKeptImage = async () => {
  const mirrored = await startMirrored()
  const repository = mirrored.upstream.repository('team/app')
  const image = await repository.addImage('1', smallImage('a'))
  const layer = image.layers[0]?.digest ?? ''
  const layerPath = `/v2/team/app/blobs/${layer}`
  await ask(mirrored.server, path)
  await pullUntilKept(mirrored.server, layerPath)
  const inside = (...names: string[]) => join(mirrored.server.data, ...names)
  const fileOf = (digest: string) => inside('blobs', 'sha256', digest.replace('sha256:', ''))
  return { ...mirrored, repository, image, layer, layerPath, inside, fileOf }
}

/** Small blobs are served from memory, which a restart empties. */
const forgetful = (restart: () => Promise<StartedServer>) => restart()

const loudLines = ({ log }: StartedServer) =>
  log.filter(({ level, msg }) => Number(level) >= 50 && /NOTHING CAN BE KEPT/.test(String(msg)))

describe('a kept file that cannot be read', () => {
  test.each([
    { name: 'is a folder', replace: (file: string) => mkdir(file) },
    { name: 'leads nowhere', replace: (file: string) => symlink('/nowhere', file) },
    { name: 'leads to itself', replace: (file: string) => symlink(file, file) },
  ])('since it $name is passed by: the blob comes from upstream', async ({ replace }) => {
    const { upstream, restart, repository, layer, layerPath, fileOf } = await startWithKeptImage()
    await rm(fileOf(layer))
    await replace(fileOf(layer))
    const server = await forgetful(restart)

    for (const _ of [1, 2]) {
      const reply = await ask(server, layerPath)
      expect(reply.status).toBe(200)
      expect(reply.body).toEqual(repository.blobs.get(layer))
    }
    expect(upstream.count(`GET ${layerPath}`)).toBeGreaterThan(1)
  })

  test('once its sending has begun breaks the connection, and then is fetched again', async (context) => {
    const kept = await startWithKeptImage()
    const { upstream, repository, inside, fileOf } = kept
    const folder = inside('unreadable')
    await mkdir(folder)
    // A link to a folder of its size: it can be opened, but not read.
    const bytes = makeBytes('unreadable', (await stat(folder)).size)
    if (bytes.length === 0) return context.skip()
    const digest = repository.addBlob(bytes)
    const blobPath = `/v2/team/app/blobs/${digest}`
    await pullUntilKept(kept.server, blobPath)
    await rm(fileOf(digest))
    await symlink(folder, fileOf(digest))
    const server = await forgetful(kept.restart)

    expect((await ask(server, blobPath)).isComplete).toBe(false)
    expect((await ask(server, '/readyz')).status).toBe(503)
    expect((await pullUntilKept(server, blobPath)).body.equals(bytes)).toBe(true)
    expect(upstream.count(`GET ${blobPath}`)).toBe(2)
  })

  test('is no hindrance where it holds a manifest', async () => {
    const { image, fileOf, restart } = await startWithKeptImage()
    const { digest } = image.descriptor
    await rm(fileOf(digest))
    await symlink('/proc/self/mem', fileOf(digest))

    expect((await ask(await restart(), path)).body).toEqual(image.bytes)
  })
})

describe('where the database is damaged', () => {
  const damage = (file: string): void => {
    const database = new SqliteDriver(file)
    const rows = database.prepare("select name from sqlite_schema where type = 'table'").all()
    for (const { name } of rows as { name: string }[]) {
      if (!name.startsWith('sqlite_')) database.exec(`drop table ${name}`)
    }
    database.close()
  }

  test('pulls go on, and the server says so', async () => {
    const { server, repository, inside, layerPath } = await startWithKeptImage()
    const blob = makeBytes('new', 200_000)
    const blobPath = `/v2/team/app/blobs/${repository.addBlob(blob)}`
    damage(inside('entrepot.db'))
    const other = await repository.addImage('2', smallImage('b'))

    for (const _ of [1, 2]) {
      expect((await ask(server, '/v2/team/app/manifests/2')).body).toEqual(other.bytes)
      expect((await ask(server, blobPath)).body.equals(blob)).toBe(true)
      expect((await ask(server, layerPath)).status).toBe(200)
      expect((await ask(server, '/v2/team/app/tags/list')).status).toBe(200)
    }

    expect((await ask(server, '/readyz')).status).toBe(503)
    expect(loudLines(server)).toHaveLength(1)
  })

  test('nobody is told that the mirror is offline when that cannot be kept', async () => {
    const { server, inside } = await startWithKeptImage()
    damage(inside('entrepot.db'))

    const refused = await server.post('/api/v1/offline', { offline: true })
    expect(refused.status).toBe(503)
    expect(refused.body.toString()).toContain('stays as it was')

    const { body } = await ask(server, '/api/v1/offline')
    expect(JSON.parse(body.toString()).offline).toBe(false)
  })
})
