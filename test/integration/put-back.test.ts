import {
  access,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import SqliteDriver from 'better-sqlite3'
import { Migrator } from 'kysely/migration'
import { expect, onTestFinished, test } from 'vitest'
import { DatabaseFile } from '../../src/store/database/database-file.ts'
import { up as mirror } from '../../src/store/database/migrations/0001-mirror.ts'
import { up as faults } from '../../src/store/database/migrations/0002-faults.ts'
import { up as hosted } from '../../src/store/database/migrations/0003-hosted.ts'
import { newestVersion } from '../../src/store/database/migrations/index.ts'
import { SnapshotFolder } from '../../src/store/database/snapshot-folder.ts'
import { openSqlite } from '../../src/store/database/sqlite-database.ts'
import { startPushable as start } from '../support/backup-place.ts'
import { pushImage } from '../support/push-image.ts'
import { pullWhole } from '../support/push-without-end.ts'
import { RegistryFolder } from '../support/registry-folder.ts'
import { runCommand } from '../support/run-command.ts'
import { makeFolder } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'

const timeout = 30_000
const hourMs = 3_600_000

const push = async (server: StartedServer, tag: string) => {
  const image = await pushImage(server, 'team/app', {
    tag,
    recipe: { seed: tag, layerSizes: [4000] },
  })
  return { repository: 'team/app', tag, digest: image.descriptor.digest }
}

const databaseOf = ({ data }: StartedServer) => join(data, 'entrepot.db')

/** As the server does by itself once a day; `hours` ago. */
const takeSnapshot = (server: StartedServer, hours: number) =>
  new SnapshotFolder(server.data, databaseOf(server), () => Date.now() - hours * hourMs).take(
    newestVersion,
  )

const tellings = ({ log }: StartedServer) =>
  log.filter(({ msg }) => String(msg).startsWith('SOMETHING MAY BE LOST')).map(({ msg }) => msg)

const removeDatabase = async (server: StartedServer) => {
  for (const suffix of ['', '-wal', '-shm']) {
    await rm(`${databaseOf(server)}${suffix}`, { force: true })
  }
}

test('a database that is gone is put back, and what is in it is served', { timeout }, async () => {
  const place = await makeFolder()
  const server = await start(place)
  const pushed = await push(server, '1')
  await takeSnapshot(server, 30)
  const log = await readFile(`${databaseOf(server)}-wal`)
  await server.stop()
  await removeDatabase(server)
  // Brought into another database, it would damage that.
  await writeFile(`${databaseOf(server)}-wal`, log)

  const again = await start(place)

  await pullWhole(again, pushed)
  expect(tellings(again)).toEqual([
    expect.stringMatching(
      /entrepot\.db was gone: snapshots\/entrepot-\d{4}-.*\.db, 30 hours old, is in its place\. What was pushed since may have to be pushed again/,
    ),
  ])
  const aside = (await readdir(again.data)).filter((name) => name.includes('damaged'))
  expect(aside).toEqual([expect.stringMatching(/^entrepot\.db\.damaged-[\dTZ-]+-wal$/)])
  await push(again, '2')
  await again.stop()
  expect(tellings(await start(place))).toEqual([])
})

test('one that is damaged is kept aside, and the newest whole snapshot takes its place', {
  timeout,
}, async () => {
  const place = await makeFolder()
  const server = await start(place)
  const old = await push(server, 'old')
  await takeSnapshot(server, 48)
  const recent = await push(server, 'recent')
  await takeSnapshot(server, 24)
  await push(server, 'newest')
  await takeSnapshot(server, 1)
  await server.stop()
  const folder = join(server.data, 'snapshots')
  const [, , newest = ''] = (await readdir(folder)).sort()
  await writeFile(join(folder, newest), 'damaged as well')
  await writeFile(databaseOf(server), 'no database')

  const again = await start(place)

  await pullWhole(again, old)
  await pullWhole(again, recent)
  expect(tellings(again)).toEqual([expect.stringContaining('was damaged (file is not a database)')])
  const aside = (await readdir(server.data)).filter((name) => name.includes('damaged'))
  expect(aside).toEqual([expect.stringMatching(/^entrepot\.db\.damaged-[\dTZ-]+$/)])
  expect(await readFile(join(server.data, aside[0] ?? ''), 'utf8')).toBe('no database')
})

test.each(['verify', 'adopt'])(
  '%s, beside a server that may be using it, puts none back',
  { timeout },
  async (command) => {
    const place = await makeFolder()
    const server = await start(place)
    await push(server, '1')
    await takeSnapshot(server, 5)
    const driver = new SqliteDriver(databaseOf(server))
    driver.pragma('wal_checkpoint(truncate)')
    driver.close()
    await using handle = await open(databaseOf(server), 'r+')
    await handle.write('no database', 0)
    const registry = new RegistryFolder(join(place, 'registry'))
    await registry.addImage('team/other', '1')

    const folder = command === 'adopt' ? [registry.root] : []
    const config = ['--config', join(place, 'mirrors.yaml')]
    const { code, stderr } = await runCommand(command, ...folder, ...config)

    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^the database \S+entrepot\.db was damaged \(.*stop what uses the data folder/,
    )
    expect((await stat(databaseOf(server))).ino).toBe((await handle.stat()).ino)
    expect((await readdir(server.data)).filter((name) => name.includes('damaged'))).toEqual([])
  },
)

test.each([
  ['can not be read', (file: string) => symlink(file, file)],
  [
    'is of some other program',
    (file: string) => new SqliteDriver(file).exec('create table t (a)').close(),
  ],
])('a snapshot that %s gives way to an older one', { timeout }, async (_which, make) => {
  const place = await makeFolder()
  const server = await start(place)
  const pushed = await push(server, '1')
  await takeSnapshot(server, 5)
  await server.stop()
  const folder = join(server.data, 'snapshots')
  const [taken = ''] = await readdir(folder)
  const inYear = (year: number) => join(folder, taken.replace(/-20\d\d-/, `-${year}-`))
  await rename(join(folder, taken), inYear(2024))
  await make(inYear(2025))
  await removeDatabase(server)

  await pullWhole(await start(place), pushed)
})

test('without a snapshot a damaged one is refused and left as it is', { timeout }, async () => {
  const place = await makeFolder()
  const server = await start(place)
  await push(server, '1')
  await server.stop()
  await writeFile(databaseOf(server), 'no database')

  await expect(start(place)).rejects.toMatchObject({ code: 'SQLITE_NOTADB' })

  expect(await readFile(databaseOf(server), 'utf8')).toBe('no database')
})

test('without a snapshot one that is gone is made anew, and so it is where there are no blobs', {
  timeout,
}, async () => {
  const place = await makeFolder()
  const server = await start(place)
  await push(server, '1')
  await server.stop()
  await removeDatabase(server)
  const again = await start(place)
  await takeSnapshot(again, 1)
  await again.stop()
  await removeDatabase(again)
  await rm(join(again.data, 'blobs'), { recursive: true })

  const empty = await start(place)

  expect([...tellings(again), ...tellings(empty)]).toEqual([])
})

test('before a database is migrated it is copied, and only then', { timeout }, async () => {
  const place = await makeFolder()
  const data = join(place, 'data')
  await mkdir(data, { recursive: true })
  const { queries } = openSqlite(join(data, 'entrepot.db'))
  const older = { '0001-mirror': { up: mirror }, '0002-faults': { up: faults } }
  const getMigrations = async () => ({ ...older, '0003-hosted': { up: hosted } })
  const { error } = await new Migrator({
    db: queries,
    provider: { getMigrations },
  }).migrateToLatest()
  expect(error).toBeUndefined()
  await queries.destroy()

  const server = await start(place)
  await server.stop()
  await (await start(place)).stop()

  const snapshots = await readdir(join(data, 'snapshots'))
  expect(snapshots).toEqual([expect.stringMatching(/^entrepot-0003-/)])
  const copy = DatabaseFile.open(join(data, 'snapshots', snapshots[0] ?? ''))
  onTestFinished(() => copy.close())
  expect(copy.version).toBe(3)
})

test('a new database is not copied', { timeout }, async () => {
  const server = await start(await makeFolder())
  await expect(access(join(server.data, 'snapshots'))).rejects.toThrow('ENOENT')
})
