import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import SqliteDriver from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { RestoreTarget } from '../../src/backup/restore-target.ts'
import { openStores } from '../../src/store/open-stores.ts'
import {
  fileOf,
  isAnotherDisk,
  makeEmptyPlace,
  makeFolderElsewhere,
  pushSmall as push,
  run,
  startPushable as start,
} from '../support/backup-place.ts'
import { pullWhole } from '../support/push-without-end.ts'
import { ask } from '../support/raw-client.ts'
import { runCommand } from '../support/run-command.ts'
import { makeFolder } from '../support/start-mirrored.ts'

const timeout = 60_000
const tellNobody = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }

/** One bit is another; the size stays. */
const damage = async (file: string) => {
  const bytes = await readFile(file)
  bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)
  await rm(file)
  await writeFile(file, bytes)
}

/** Its batch has a higher number than any that the server has written. */
const pulled = { id: 1_000_000, at: Date.UTC(2026, 0, 1), client: 'a client of long ago' }

const addToLedger = async (data: string) => {
  const stores = await openStores(data, tellNobody)
  const names = { user: '', upstream: 'docker.io', repository: 'library/node', tag: '1' }
  const { id, ...row } = { ...pulled, ...names, outcome: 'hit' as const, counters: { pulls: 7 } }
  await stores.ledger.addTraffic({ id, rows: [row] })
  await stores.close()
}

const countInLedger = async (data: string) => {
  const stores = await openStores(data, tellNobody)
  const where = { client: [pulled.client] }
  const { sums } = await stores.ledger.sumTraffic({ since: 0, until: Date.now(), by: [], where })
  await stores.close()
  return sums.map(({ counters }) => counters.pulls)
}

/** A stopped server's data folder with two images, and its backup. */
const backUp = async (elsewhere = false) => {
  const place = await makeFolder()
  const server = await start(place)
  const images = [await push(server, 'one'), await push(server, 'two')] as const
  await server.stop()
  await addToLedger(server.data)
  const target = join(elsewhere ? await makeFolderElsewhere() : await makeFolder(), 'backup')
  expect((await run('backup', target, { place })).code).toBe(0)
  return { place, target, images }
}

test.each(isAnotherDisk ? [false, true] : [false])(
  'what is damaged or missing in a backup is named, and the rest is restored (copied: %s)',
  { timeout },
  async (elsewhere) => {
    const { target, images } = await backUp(elsewhere)
    const [one, two] = images
    const { layers } = JSON.parse(await readFile(fileOf(target, one.digest), 'utf8'))
    const [damaged, missing] = [layers[0].digest, layers[1].digest]
    await damage(fileOf(target, damaged))
    await rm(fileOf(target, missing))
    const place = await makeEmptyPlace()

    const ended = await run('restore', target, { place })

    expect(ended.code).toBe(1)
    expect(ended.stderr.trimEnd().split('\n').sort()).toEqual(
      [`${damaged} is damaged in the backup`, `${missing} is missing in the backup`].sort(),
    )
    const counts = elsewhere ? { linked: 0, copied: 6 } : { linked: 6, copied: 0 }
    expect(JSON.parse(ended.stdout)).toMatchObject({ blobs: 6, ...counts, there: 0 })
    const server = await start(place)
    await pullWhole(server, two)
    for (const digest of [damaged, missing]) {
      const reply = await ask(server, `/v2/team/app/blobs/${digest}`, { method: 'HEAD' })
      expect(reply.status).toBe(404)
    }
    await push(server, 'one')
    await pullWhole(server, one)
  },
)

test('a data folder that is in use or not empty is left alone', { timeout }, async () => {
  const { target } = await backUp()
  const place = await makeFolder()
  const server = await start(place)
  const mine = await push(server, 'mine')

  const refused = await run('restore', target, { place })
  expect([refused.code, refused.stdout]).toEqual([1, ''])
  expect(refused.stderr).toContain("isn't empty: with --force")
  const forced = await run('restore', target, { place, flags: ['--force'] })
  expect([forced.code, forced.stdout]).toEqual([1, ''])
  expect(forced.stderr).toContain('stop it first')

  await pullWhole(server, mine)
})

test('nothing is restored beside a command that works in the data folder', {
  timeout,
}, async () => {
  const { target } = await backUp()
  const place = await makeFolder()
  const server = await start(place)
  await push(server, 'mine')
  await server.stop()
  // As adopt and verify have it open.
  const stores = await openStores(server.data, tellNobody, { isGuest: true })
  const inode = (await stat(join(server.data, 'entrepot.db'))).ino
  try {
    const forced = await run('restore', target, { place, flags: ['--force'] })
    expect(forced.code).toBe(1)
    expect(forced.stderr).toMatch(/^another process uses the data folder .*: stop it first\n$/)
    expect((await stat(join(server.data, 'entrepot.db'))).ino).toBe(inode)
  } finally {
    await stores.close()
  }
  expect((await run('restore', target, { place, flags: ['--force'] })).code).toBe(0)
})

test('nor is a database replaced that somebody has opened meanwhile', { timeout }, async () => {
  const data = join(await makeEmptyPlace(), 'data')
  const target = await RestoreTarget.open(data, { isForced: false })
  onTestFinished(() => target.close())
  const stores = await openStores(data, tellNobody, { isGuest: true })
  onTestFinished(() => stores.close())
  await target.begin()
  await writeFile(target.unfinishedDatabase, 'restored')

  await expect(target.finish(Date.now())).rejects.toThrow('another process uses the data folder')

  expect(await readdir(data)).toContain('restore-unfinished')
})

test('with --force what is there stays, under another name', { timeout }, async () => {
  const { target, images } = await backUp()
  const place = await makeFolder()
  const server = await start(place)
  const mine = await push(server, 'mine')
  // A blob of the backup that lies here already, and is wrong.
  await writeFile(fileOf(server.data, images[0].layer), 'wrong')
  await server.stop()
  const before = await readFile(join(server.data, 'entrepot.db'))

  const ended = await run('restore', target, { place, flags: ['--force'] })

  expect([ended.code, ended.stderr]).toEqual([0, ''])
  const { movedTo } = JSON.parse(ended.stdout)
  expect(await readFile(movedTo)).toEqual(before)
  expect((await readFile(fileOf(server.data, mine.layer))).length).toBeGreaterThan(0)
  const quarantine = join(server.data, 'quarantine')
  const [quarantined = '', ...others] = (await readdir(quarantine)).sort()
  expect(await readFile(join(quarantine, quarantined), 'utf8')).toBe('wrong')
  expect(others).toEqual(['why.txt'])
  expect(await readFile(join(quarantine, 'why.txt'), 'utf8')).toContain(`${quarantined}: a restore`)
  expect(await countInLedger(server.data)).toEqual([7])
  const again = await start(place)
  for (const image of images) await pullWhole(again, image)
})

test('a damaged database is found before anything is touched', { timeout }, async () => {
  const { target } = await backUp()
  await writeFile(join(target, 'entrepot.db'), 'no database at all, but some text')
  const place = await makeEmptyPlace()

  const ended = await run('restore', target, { place })

  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(/entrepot\.db is damaged .*: restore another backup\n$/)
  // It is as good as new: a server starts there.
  expect((await readdir(join(place, 'data'))).filter((name) => name !== 'partial.lock')).toEqual([])
  await start(place)
})

test('a backup that has lost its database is refused in words', { timeout }, async () => {
  const { target } = await backUp()
  await rm(join(target, 'entrepot.db'))
  const ended = await run('restore', target, { place: await makeEmptyPlace() })
  const what = `${join(target, 'entrepot.db')} is missing: restore another backup\n`
  expect([ended.code, ended.stderr]).toEqual([1, what])
})

test('what holds no finished backup is refused, and not written to', { timeout }, async () => {
  const folder = await makeFolder()
  await mkdir(folder)
  const place = await makeEmptyPlace()

  const ended = await run('restore', folder, { place })

  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain('holds no finished backup')
  expect(await readdir(folder)).toEqual([])
})

test('a backup of a later version is refused', { timeout }, async () => {
  const { target } = await backUp()
  const file = join(target, 'backup.json')
  const note = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...note, database: 9999 }))

  const ended = await run('restore', target, { place: await makeEmptyPlace() })

  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain('by a later version of entrepot')
})

test('both tell people what was done', { timeout }, async () => {
  const { place, target } = await backUp()
  const other = await makeEmptyPlace()
  const say = (command: string, folder: string) =>
    runCommand(command, target, '--config', join(folder, 'mirrors.yaml'))

  const again = await say('backup', place)
  expect(again.stdout.replace(/\d{4}-[\dT:.-]+Z/, 'TIME').replace(/[\d.]+ s/, 'TIME')).toBe(
    `${target} holds all that was pushed and kept before TIME: 8 blobs, 34 KiB\n` +
      'new: 0 blobs, 0 B (0 linked, 0 copied); removed: 0; TIME\n',
  )
  const restored = await say('restore', other)
  expect([restored.code, restored.stderr]).toEqual([0, ''])
  expect(restored.stdout).toContain('8 linked, 0 copied, 0 there already')
})

test('a backup whose database names other files than blobs moves none of them', {
  timeout,
}, async () => {
  const { target } = await backUp()
  const place = await makeEmptyPlace()
  const victim = join(place, 'victim')
  await writeFile(victim, 'somebody else’s')
  const driver = new SqliteDriver(join(target, 'entrepot.db'))
  driver.prepare('update blobs set digest = ? where rowid = 1').run('sha256:../../../victim')
  driver.close()

  const ended = await run('restore', target, { place })

  expect(await readFile(victim, 'utf8')).toBe('somebody else’s')
  expect([ended.code, ended.stdout]).toEqual([1, ''])
  expect(ended.stderr).toContain('entrepot.db is damaged (')
})
