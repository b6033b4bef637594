import {
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { DatabaseFile } from '../../src/store/database/database-file.ts'
import {
  fileOf,
  isAnotherDisk,
  makeEmptyPlace,
  makeFolderElsewhere,
  pushSmall as push,
  run,
  startPushable as start,
} from '../support/backup-place.ts'
import { damageTable } from '../support/damage-table.ts'
import { type AcknowledgedPush, Pushers, pullWhole } from '../support/push-without-end.ts'
import { ask } from '../support/raw-client.ts'
import { makeFolder } from '../support/start-mirrored.ts'

const timeout = 60_000

const listBlobs = (folder: string) => readdir(join(folder, 'blobs', 'sha256'))

const where = isAnotherDisk
  ? (['on the same file system', 'on another file system'] as const)
  : (['on the same file system'] as const)

const makeTarget = async (which: (typeof where)[number]) =>
  join(
    which === 'on another file system' ? await makeFolderElsewhere() : await makeFolder(),
    'backup',
  )

test.each(where)(
  'every push that was acknowledged before the end point is restored whole, %s',
  {
    timeout,
  },
  async (which) => {
    const place = await makeFolder()
    const server = await start(place)
    const target = await makeTarget(which)
    const pushers = new Pushers(server, 8)
    await vi.waitUntil(() => pushers.pushes.length > 20, { timeout: 30_000 })
    const ended = await run('backup', target, { place })
    await sleep(300)
    await pushers.end()

    expect([ended.code, ended.stderr]).toEqual([0, ''])
    const said = JSON.parse(ended.stdout)
    const note = JSON.parse(await readFile(join(target, 'backup.json'), 'utf8'))
    expect(note).toMatchObject({ version: 1, endsAt: said.endsAt, blobs: said.blobs })
    const isBefore = ({ at }: AcknowledgedPush) => at < Date.parse(said.endsAt)
    const before = pushers.pushes.filter(isBefore)
    expect(before.length).toBeGreaterThan(20)
    expect(pushers.pushes.length).toBeGreaterThan(before.length)

    const other = await makeEmptyPlace()
    const restored = await run('restore', target, { place: other })
    expect([restored.code, restored.stderr]).toEqual([0, ''])
    const again = await start(other)
    for (const acknowledged of before) await pullWhole(again, acknowledged)
    // And of those that came later, whatever is there is whole.
    for (const later of pushers.pushes.filter((each) => !isBefore(each))) {
      const reply = await ask(again, `/v2/${later.repository}/manifests/${later.tag}`)
      if (reply.status !== 404) await pullWhole(again, later)
    }
  },
)

test.each(where)(
  'the second backup takes what is new, and lets go of what is not needed, %s',
  {
    timeout,
  },
  async (which) => {
    const place = await makeFolder()
    const server = await start(place)
    const first = await push(server, 'first')
    const target = await makeTarget(which)
    expect(JSON.parse((await run('backup', target, { place })).stdout)).toMatchObject({ blobs: 4 })
    const kept = await stat(fileOf(target, first.layer))
    await push(server, 'second')

    const second = JSON.parse((await run('backup', target, { place })).stdout)
    const [linked, copied] = which === 'on another file system' ? [0, 4] : [4, 0]
    expect(second).toMatchObject({ blobs: 8, linked, copied, removed: 0 })
    expect((await stat(fileOf(target, first.layer))).ino).toBe(kept.ino)

    await server.stop()
    const database = DatabaseFile.open(join(server.data, 'entrepot.db'))
    database.takeOut([first.layer as never])
    database.close()
    const third = JSON.parse((await run('backup', target, { place })).stdout)
    expect(third).toMatchObject({ blobs: 7, linked: 0, copied: 0, newBytes: 0, removed: 1 })
    expect(await listBlobs(target)).toHaveLength(7)
  },
)

test.skipIf(!isAnotherDisk)(
  'a damaged blob is named and left out, and can be pushed again',
  {
    timeout,
  },
  async () => {
    const place = await makeFolder()
    const server = await start(place)
    const [good, bad] = [await push(server, 'good'), await push(server, 'bad')]
    await server.stop()
    const file = fileOf(server.data, bad.layer)
    const bytes = await readFile(file)
    bytes.writeUInt8(bytes.readUInt8(50) ^ 1, 50)
    await writeFile(file, bytes)

    const target = await makeTarget('on another file system')
    const ended = await run('backup', target, { place })
    expect(ended.code).toBe(1)
    expect(ended.stderr).toBe(`${bad.layer} its file is damaged\n`)
    expect(JSON.parse(ended.stdout).problems).toEqual([
      { digest: bad.layer, what: 'its file is damaged' },
    ])
    expect(await listBlobs(target)).toHaveLength(7)

    const other = await makeEmptyPlace()
    expect((await run('restore', target, { place: other })).code).toBe(0)
    const again = await start(other)
    await pullWhole(again, good)
    const path = `/v2/team/app/blobs/${bad.layer}`
    expect((await ask(again, path, { method: 'HEAD' })).status).toBe(404)
    await push(again, 'bad')
    await pullWhole(again, bad)
  },
)

test('a blob that was cut short is named, and so is one whose file is missing', {
  timeout,
}, async () => {
  const place = await makeFolder()
  const server = await start(place)
  const [cut, missing] = [await push(server, 'cut'), await push(server, 'missing')]
  await truncate(fileOf(server.data, cut.layer), 10)
  await rm(fileOf(server.data, missing.layer))

  const target = await makeTarget('on the same file system')
  const ended = await run('backup', target, { place })
  expect(ended.code).toBe(1)
  expect(ended.stderr.trimEnd().split('\n').sort()).toEqual(
    [
      `${cut.layer} its file is damaged`,
      `${missing.layer} was pushed, and its file is missing`,
    ].sort(),
  )
  expect(await listBlobs(target)).toHaveLength(6)
})

test('a folder in place of a blob is named, and holds nothing up', { timeout }, async () => {
  const place = await makeFolder()
  const server = await start(place)
  const bad = await push(server, 'bad')
  // Also where it is what is tried first.
  const first = `sha256:${(await listBlobs(server.data)).sort()[0]}`
  for (const digest of new Set([first, bad.layer])) {
    await rm(fileOf(server.data, digest))
    await mkdir(fileOf(server.data, digest))
  }
  const target = await makeTarget('on the same file system')
  const ended = await run('backup', target, { place })
  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain(`${bad.layer} its file is damaged\n`)
  expect(ended.stderr).toContain(`${first} its file is damaged\n`)
  expect(JSON.parse(ended.stdout)).toMatchObject({ copied: 0 })
})

test('of a symbolic link the content is backed up', { timeout }, async () => {
  const place = await makeFolder()
  const server = await start(place)
  const { layer } = await push(server, 'app')
  const moved = join(place, 'moved')
  await rename(fileOf(server.data, layer), moved)
  await symlink(moved, fileOf(server.data, layer))
  const target = await makeTarget('on the same file system')
  expect((await run('backup', target, { place })).code).toBe(0)
  expect((await lstat(fileOf(target, layer))).isFile()).toBe(true)
})

test('what the backup has from before outlives damage in the data folder', {
  timeout,
}, async () => {
  const place = await makeFolder()
  const server = await start(place)
  const pushed = await push(server, 'app')
  const target = await makeTarget('on the same file system')
  await run('backup', target, { place })
  const file = fileOf(server.data, pushed.layer)
  const bytes = await readFile(file)
  // Another file of that name and size: the link in the backup is still to the right one.
  await rm(file)
  await writeFile(file, Buffer.alloc(bytes.length))

  expect((await run('backup', target, { place })).code).toBe(0)
  expect(await readFile(fileOf(target, pushed.layer))).toEqual(bytes)
})

test.each([
  ['in the data folder', async (data: string) => join(data, 'backup'), 'lies in the data folder'],
  ['which is the data folder', async (data: string) => data, 'lies in the data folder'],
  [
    'that holds something else',
    async () => {
      const folder = await makeFolder()
      await mkdir(folder)
      await writeFile(join(folder, 'notes.txt'), 'mine')
      return folder
    },
    'holds no backup',
  ],
])('nothing is backed up to a folder %s', { timeout }, async (_which, choose, what) => {
  const place = await makeFolder()
  const server = await start(place)
  await push(server, 'app')
  const target = await choose(server.data)

  const ended = await run('backup', target, { place })

  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain(what)
  expect(await listBlobs(server.data)).toHaveLength(4)
})

test('a disk with nothing but what its file system made takes a backup', { timeout }, async () => {
  const place = await makeFolder()
  await push(await start(place), 'app')
  const target = await makeTarget('on the same file system')
  await mkdir(join(target, 'lost+found'), { recursive: true })
  expect((await run('backup', target, { place })).code).toBe(0)
})

test('a data folder that was begun anew takes the place of no backup', { timeout }, async () => {
  const place = await makeFolder()
  const server = await start(place)
  const pushed = await push(server, 'app')
  const target = await makeTarget('on the same file system')
  expect((await run('backup', target, { place })).code).toBe(0)
  await server.stop()
  // As when its disk isn't mounted.
  await rename(server.data, `${server.data}-before`)
  const anew = await start(place)
  await push(anew, 'other')

  const ended = await run('backup', target, { place })

  expect([ended.code, ended.stdout]).toEqual([1, ''])
  expect(ended.stderr).toMatch(/holds a backup of another database: that one was made at 20/)
  await anew.stop()
  await rm(anew.data, { recursive: true })
  expect((await run('restore', target, { place })).code).toBe(0)
  await pullWhole(await start(place), pushed)
  // What was restored goes on being backed up there.
  expect((await run('backup', target, { place })).code).toBe(0)
})

test('a damaged database takes the place of no backup', { timeout }, async () => {
  const place = await makeFolder()
  const server = await start(place)
  const pushed = await push(server, 'app')
  await server.stop()
  const target = await makeTarget('on the same file system')
  expect((await run('backup', target, { place })).code).toBe(0)
  const file = join(server.data, 'entrepot.db')
  await damageTable(file, 'tags')

  const ended = await run('backup', target, { place })

  expect([ended.code, ended.stdout]).toEqual([1, ''])
  expect(ended.stderr).toMatch(/^\S*entrepot\.db is damaged \(.*\), and isn't backed up; .*\n$/)
  const other = await makeEmptyPlace()
  expect((await run('restore', target, { place: other })).code).toBe(0)
  await pullWhole(await start(other), pushed)
})

test('a folder that is a file is refused', { timeout }, async () => {
  const place = await makeFolder()
  await push(await start(place), 'app')
  const target = join(place, 'mirrors.yaml')
  for (const command of ['backup', 'restore'] as const) {
    const ended = await run(command, target, { place })
    expect([ended.code, ended.stderr]).toEqual([1, `${target} is no folder: name another\n`])
  }
})

test('a database that can not be looked at is not called missing', { timeout }, async () => {
  const place = await makeEmptyPlace()
  await mkdir(join(place, 'data'))
  await symlink('entrepot.db', join(place, 'data', 'entrepot.db'))
  const ended = await run('backup', join(place, 'backup'), { place })
  expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('ELOOP')])
})

test('where there is no data folder yet it says so', { timeout }, async () => {
  const place = await makeEmptyPlace()
  const ended = await run('backup', join(place, 'backup'), { place })
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(/^there is no database .*entrepot.db to back up\n$/)
})
