import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DigestMismatchError } from '../../src/oci/digest-check.ts'
import {
  content,
  DataFolder,
  eventually,
  finish,
  hourMs,
  moveClockByHand,
  resumable,
} from './data-folder.ts'

let folder: DataFolder

moveClockByHand()
beforeEach(async () => {
  folder = await DataFolder.make()
})
afterEach(async () => {
  await folder.end()
})

describe('what lies in partial/', () => {
  test('goes after a day, when the folder is opened', async () => {
    await folder.leaveBehind('old', 25 * hourMs)
    await folder.leaveBehind('new', 23 * hourMs)
    await folder.leaveBehind('of tomorrow', -25 * hourMs)
    await folder.open()
    expect((await readdir(folder.inside('partial'))).sort()).toEqual(['new', 'of tomorrow'])
  })

  test('goes after a day, while the store is open', async () => {
    await folder.open()
    await folder.leaveBehind('old', 25 * hourMs)
    await folder.leaveBehind('new', 23 * hourMs)
    vi.advanceTimersByTime(hourMs)
    await eventually(async () => expect(await readdir(folder.inside('partial'))).toEqual(['new']))
  })

  test('stays while it is open, however old', async () => {
    const store = await folder.open()
    const resumed = await folder.begin(store)
    const created = await folder.begin(store, 'create')
    for (const name of await readdir(folder.inside('partial')))
      await utimes(folder.inside('partial', name), 0, 0)
    await folder.leaveBehind('old', 25 * hourMs)
    vi.advanceTimersByTime(hourMs)
    await eventually(() => expect(existsSync(folder.inside('partial', 'old'))).toBe(false))
    await finish(store, resumed)
    await finish(store, created)
  })

  test('may be an old folder or a link, which keeps nobody from starting', async () => {
    await mkdir(folder.inside('partial', 'folder', 'inner'), { recursive: true })
    await utimes(folder.inside('partial', 'folder'), 0, 0)
    await symlink(folder.inside('nowhere'), folder.inside('partial', 'link'))
    await folder.open()
    expect(await readdir(folder.inside('partial'))).toEqual(['link'])
    expect(folder.complaints).toEqual([])
  })

  test('is looked after no longer once the store is closed', async () => {
    const store = await folder.open()
    await store.close()
    await folder.leaveBehind('old', 25 * hourMs)
    await vi.advanceTimersByTimeAsync(2 * hourMs)
    expect(await readdir(folder.inside('partial'))).toEqual(['old'])
  })

  test('that cannot be listed is complained of, and the store goes on', async () => {
    await folder.open()
    await rm(folder.inside('partial'), { recursive: true })
    vi.advanceTimersByTime(hourMs)
    const complaint = "what lies abandoned in partial/ couldn't be removed"
    await eventually(() => expect(folder.complaints).toEqual([complaint]))
  })
})

describe('a leftover', () => {
  test('has its own name, and goes with what it was resumed for', async () => {
    const store = await folder.open()
    const writer = await folder.begin(store)
    expect(await readdir(folder.inside('partial'))).toEqual([resumable])
    await finish(store, writer)
    expect(await readdir(folder.inside('partial'))).toEqual([])
  })

  test.each([
    ['a folder', () => mkdir(folder.inside('partial', resumable, 'inner'), { recursive: true })],
    ['a link', () => symlink(folder.inside('target'), folder.inside('partial', resumable))],
    ['a pipe', () => execFileSync('mkfifo', [folder.inside('partial', resumable)])],
    ['a link in a circle', () => symlink(resumable, folder.inside('partial', resumable))],
  ])('that is %s is begun anew', async (_what, make) => {
    await writeFile(folder.inside('target'), 'stays as it is')
    const store = await folder.open()
    await make()
    const writer = await folder.begin(store)
    expect(writer.writtenBytes).toBe(0)
    await finish(store, writer)
    expect(await readFile(folder.inside('target'), 'utf8')).toBe('stays as it is')
    expect(await readdir(folder.inside('partial'))).toEqual([])
  })

  test('that could not be reached waits for the next writer', async () => {
    const store = await folder.open()
    await folder.leaveBehind(resumable, 0, content.subarray(0, 8))
    await rename(folder.inside('partial'), folder.inside('elsewhere'))
    await expect(folder.begin(store)).rejects.toThrow('ENOENT')
    await rename(folder.inside('elsewhere'), folder.inside('partial'))
    const writer = await folder.begin(store)
    expect(writer.writtenBytes).toBe(8)
    await finish(store, writer)
  })

  test('whose end was lost and filled with something else ends in a mismatch', async () => {
    await folder.leaveBehind(resumable, 0, Buffer.concat([content.subarray(0, 5), Buffer.alloc(4)]))
    const writer = await folder.begin(await folder.open())
    expect(writer.writtenBytes).toBe(9)
    await writer.append([content.subarray(9)])
    expect(() => writer.verify()).toThrow(DigestMismatchError)
    await writer.discard()
    expect(await readdir(folder.inside('partial'))).toEqual([])
  })

  test('is another writer’s as soon as the first has kept or discarded', async () => {
    const store = await folder.open()
    for (const end of ['discard', 'keep'] as const) {
      const first = await folder.begin(store)
      await first.append([content])
      first.verify()
      await first[end]()
      const second = await folder.begin(store)
      expect(await readdir(folder.inside('partial'))).toEqual([resumable])
      await folder.close(first)
      const third = await folder.begin(store)
      expect(await readdir(folder.inside('partial'))).toHaveLength(2)
      await finish(store, second)
      await finish(store, third)
      await folder.close(second)
      await folder.close(third)
    }
  })
})
