import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Digest } from '../../src/oci/digest.ts'
import { DatabaseFile } from '../../src/store/database/database-file.ts'
import { makeEmptyPlace, run, startPushable as start } from '../support/backup-place.ts'
import { builtMain } from '../support/built-program.ts'
import { pushImage } from '../support/push-image.ts'
import { pullWhole } from '../support/push-without-end.ts'
import { makeFolder } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'

const timeout = 120_000
const images = 4
// At every moment: LONG_RUNS=1 npx vitest run --project integration test/integration/killed-backups.test.ts
const isLong = process.env.LONG_RUNS !== undefined
/** Config and manifest too. */
const blobsPerImage = 32

const push = async (server: StartedServer, tag: string) => {
  const layerSizes = Array.from({ length: blobsPerImage - 2 }, () => 3000)
  const image = await pushImage(server, 'team/app', { tag, recipe: { seed: tag, layerSizes } })
  expect(image.reply.status).toBe(201)
  const layers = image.layers.map(({ digest }) => digest as Digest)
  return { repository: 'team/app', tag, digest: image.descriptor.digest, layers }
}

const countBlobs = (folder: string) => {
  const path = join(folder, 'blobs', 'sha256')
  return existsSync(path) ? readdirSync(path).length : 0
}

const inodeOf = (file: string) => (existsSync(file) ? statSync(file).ino : 0)

/** Runs the command until `isMoment`, and ends it as `kill -9` does; gives whether that came before its end. */
const killAt = async (
  args: readonly string[],
  place: string,
  isMoment: () => boolean,
): Promise<boolean> => {
  const config = join(place, 'mirrors.yaml')
  const child: ChildProcess = spawn(process.execPath, [builtMain, ...args, '--config', config], {
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  while (child.exitCode === null && !isMoment()) await sleep(0)
  child.kill('SIGKILL')
  await ended
  return child.signalCode === 'SIGKILL'
}

const restoreWhole = async (target: string, place: string) => {
  const ended = await run('restore', target, { place })
  expect([ended.code, ended.stderr]).toEqual([0, ''])
  return JSON.parse(ended.stdout) as { blobs: number }
}

const met: boolean[] = []

describe('a backup that is killed leaves the one before, or is whole', () => {
  const moments: [string, (target: string, before: { blobs: number; inode: number }) => boolean][] =
    [
      ['at once', (target) => existsSync(join(target, 'partial'))],
      [
        'among the blobs',
        (target, before) => countBlobs(target) > before.blobs + 2 * blobsPerImage,
      ],
      ['while it copies the database', (target) => existsSync(join(target, 'partial/entrepot.db'))],
      [
        'once the database is in place',
        (target, { inode }) => inodeOf(join(target, 'entrepot.db')) !== inode,
      ],
      [
        'while it removes what is old',
        (target, { blobs }) => countBlobs(target) < blobs + (images * blobsPerImage) / 2,
      ],
    ]
  const tried = moments.filter((_, place) => isLong || place % 2 === 1)
  test.each(tried)('killed %s', { timeout }, async (_when, isMoment) => {
    const place = await makeFolder()
    const server = await start(place)
    const first = []
    for (let at = 0; at < images; at++) first.push(await push(server, `first${at}`))
    const target = join(await makeFolder(), 'backup')
    expect((await run('backup', target, { place })).code).toBe(0)
    const before = { blobs: countBlobs(target), inode: inodeOf(join(target, 'entrepot.db')) }
    for (let at = 0; at < images / 2; at++) await push(server, `second${at}`)
    await server.stop()
    // All layers but one image's go: there is much to remove.
    const database = DatabaseFile.open(join(server.data, 'entrepot.db'))
    database.takeOut(first.slice(1).flatMap(({ layers }) => layers))
    database.close()

    const isKilled = await killAt(['backup', target], place, () => isMoment(target, before))

    const [kept] = first
    if (!kept) throw new Error('an image was pushed')
    const early = await makeEmptyPlace()
    const { blobs } = await restoreWhole(target, early)
    const fullCount = images * blobsPerImage
    const newCount = (images / 2 + 1) * blobsPerImage + (images - 1) * 2
    expect([fullCount, newCount]).toContain(blobs)
    await pullWhole(await start(early), kept)
    expect((await run('backup', target, { place })).code).toBe(0)
    expect(countBlobs(target)).toBe(newCount)
    const late = await restoreWhole(target, await makeEmptyPlace())
    expect(late.blobs).toBe(newCount)
    // The moments at the end are short: that some were met is enough.
    met.push(isKilled)
  })

  test('most of them were killed in time', () => {
    expect(met.filter(Boolean).length).toBeGreaterThanOrEqual(isLong ? 3 : 1)
  })
})

describe('a restore that is killed', () => {
  test.each<[string, (data: string) => boolean]>([
    ['at once', (data) => existsSync(join(data, 'entrepot.db.restoring'))],
    ['among the blobs', (data) => countBlobs(data) > 2 * blobsPerImage],
    ['near its end', (data) => countBlobs(data) >= images * blobsPerImage],
  ])(
    '%s is never mistaken for whole, and can be run again',
    { timeout },
    async (when, isMoment) => {
      const place = await makeFolder()
      const server = await start(place)
      const pushed = []
      for (let at = 0; at < images; at++) pushed.push(await push(server, `image${at}`))
      await server.stop()
      const target = join(await makeFolder(), 'backup')
      expect((await run('backup', target, { place })).code).toBe(0)
      const other = await makeEmptyPlace()
      const data = join(other, 'data')

      const isKilled = await killAt(['restore', target], other, () => isMoment(data))

      if (when !== 'near its end') expect(isKilled).toBe(true)
      const isMarked = existsSync(join(data, 'restore-unfinished'))
      if (when === 'among the blobs') expect(isMarked).toBe(true)
      if (isMarked) await expect(start(other)).rejects.toThrow('was broken off, or is under way')
      if (isMarked || !existsSync(join(data, 'entrepot.db'))) {
        expect(await restoreWhole(target, other)).toMatchObject({ blobs: images * blobsPerImage })
      }
      const again = await start(other)
      for (const image of pushed) await pullWhole(again, image)
    },
  )
})
