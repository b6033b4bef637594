import { readdir, readFile, rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  content,
  DataFolder,
  eventually,
  finish,
  hourMs,
  kill,
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

describe('a process that was killed', () => {
  test('leaves what it wrote to the next', { timeout: 20_000 }, async () => {
    const { child, says } = await folder.startWriter('the cont')
    expect(says).toBe('8')
    await kill(child)
    const store = await folder.open()
    const writer = await folder.begin(store)
    expect(writer.writtenBytes).toBe(8)
    await finish(store, writer)
    expect(folder.complaints).toEqual([])
  })

  test('keeps it to itself as long as it lives', { timeout: 20_000 }, async () => {
    const { child } = await folder.startWriter('the cont')
    const store = await folder.open()
    expect(folder.complaints).toHaveLength(1)
    await finish(store, await folder.begin(store))
    expect(await readFile(folder.inside('partial', resumable), 'utf8')).toBe('the cont')
    await kill(child)
  })
})

describe('a second store on the folder', () => {
  test('resumes nothing and leaves nothing, and says why once', async () => {
    await folder.open()
    await folder.leaveBehind(resumable, 0, content.subarray(0, 8))
    const second = await folder.open()
    const writer = await folder.begin(second)
    expect(writer.writtenBytes).toBe(0)
    await writer.append([content.subarray(0, 3)])
    await folder.close(writer)
    const another = await folder.begin(second)
    expect(another.writtenBytes).toBe(0)
    await finish(second, another)
    await vi.advanceTimersByTimeAsync(3 * hourMs)
    const complaint =
      "unfinished fetches and pushes aren't resumed: another process uses the data folder"
    expect(folder.complaints).toEqual([complaint])
  })

  test('never writes into a file of the first', async () => {
    const first = await folder.open()
    const second = await folder.open()
    const opened = await Promise.all(
      [first, second, first, second].map((store) => folder.begin(store)),
    )
    expect(new Set(await readdir(folder.inside('partial'))).size).toBe(4)
    for (const writer of opened) await finish(first, writer)
  })

  test('removes what is rubbish, and nothing that could be resumed', async () => {
    await folder.open()
    await folder.leaveBehind(resumable, 25 * hourMs)
    await folder.leaveBehind(`${resumable}.of-an-earlier-run`, 25 * hourMs)
    await folder.open()
    expect(await readdir(folder.inside('partial'))).toEqual([resumable])
  })

  test('does not open the folder to a second process', { timeout: 20_000 }, async () => {
    await folder.open()
    await folder.open()
    await folder.leaveBehind(resumable, 0, content.subarray(0, 8))
    const { says } = await folder.startWriter('the')
    expect(says).toBe('3')
    expect(await readFile(folder.inside('partial', resumable), 'utf8')).toBe('the cont')
  })

  test('resumes within an hour once the first has ended', async () => {
    const first = await folder.open()
    const second = await folder.open()
    await folder.leaveBehind(resumable, 0, content.subarray(0, 8))
    await first.close()
    vi.advanceTimersByTime(hourMs)
    await eventually(async () => {
      const writer = await folder.begin(second)
      expect(writer.writtenBytes).toBe(8)
      await finish(second, writer)
    })
  })

  test('has the lock alone where somebody deleted its file under the first', async () => {
    const first = await folder.open()
    await rm(folder.inside('partial.lock'))
    const second = await folder.open()
    expect(folder.complaints).toEqual([])
    await folder.leaveBehind(resumable, 0, content.subarray(0, 8))
    expect((await folder.begin(first)).writtenBytes).toBe(0)
    expect((await folder.begin(second)).writtenBytes).toBe(8)
  })
})
