import { readdir, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OpenFiles } from '../../src/store/file/open-files.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

let directory: Awaited<ReturnType<typeof makeTemporaryDirectory>>
let files: OpenFiles
const failures: unknown[] = []
/** Older kernels tell two changes of a file apart only when one of their ticks is between them. */
const clockTickMs = 20

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  files = new OpenFiles((error) => void failures.push(error))
})

afterEach(async () => {
  await files.close()
  await directory.remove()
  expect(failures).toEqual([])
})

const pathOf = (name: string) => join(directory.path, name)

const put = async (name: string, text: string) => {
  await writeFile(pathOf(name), text)
  return pathOf(name)
}

const readAll = async (path: string) => {
  const reader = await files.open(path)
  if (!reader) return undefined
  const buffer = Buffer.alloc(reader.sizeBytes)
  await reader.read(buffer, 0)
  await reader.close()
  return buffer.toString()
}

/** How often files of the directory are open in this process. */
const countOpen = async () => {
  const targets = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  return targets.filter((target) => target.startsWith(directory.path)).length
}

test('a file is opened once for many readers, one after another or together', async () => {
  const path = await put('a', 'content')
  for (const _ of [1, 2, 3]) expect(await readAll(path)).toBe('content')
  const readers = await Promise.all([1, 2, 3].map(() => files.open(path)))
  expect(await countOpen()).toBe(1)
  await Promise.all(readers.map((reader) => reader?.close()))
  await files.close()
  expect(await countOpen()).toBe(0)
})

test('what was removed or replaced is noticed, and who reads it reads on', async () => {
  const path = await put('a', 'before')
  const reading = await files.open(path)
  await rename(await put('b', 'after!'), path)
  expect(await readAll(path)).toBe('after!')
  await rm(path)
  expect(await readAll(path)).toBeUndefined()

  const buffer = Buffer.alloc(6)
  await reading?.read(buffer, 0)
  expect(buffer.toString()).toBe('before')
  await reading?.close()
})

test('a file that was cut short shows its size', async () => {
  const path = await put('a', 'content')
  await readAll(path)
  await writeFile(path, 'con')
  expect(await readAll(path)).toBe('con')
})

test('what is forgotten is closed when its last reader is', async () => {
  const path = await put('a', 'content')
  const reader = await files.open(path)
  files.forget(path)
  expect(await countOpen()).toBe(1)
  await reader?.close()
  await reader?.close()
  await files.close()
  expect(await countOpen()).toBe(0)
})

test('no more than 64 are open when nobody reads', async () => {
  for (let count = 0; count < 100; count++) await readAll(await put(`file ${count}`, 'x'))
  expect(await countOpen()).toBeLessThanOrEqual(64)
})

test('what another moved away or wrote to is noticed, and who reads it reads on', async () => {
  const path = await put('a', 'before')
  const reading = await files.open(path)
  await readAll(path)
  await delay(clockTickMs)
  // Another name of the same file: neither its size nor its number of names changes.
  await rename(path, pathOf('elsewhere'))
  expect(await readAll(path)).toBeUndefined()
  expect(await readAll(await put('a', 'damage'))).toBe('damage')
  await delay(clockTickMs)
  await writeFile(path, 'afters', { flag: 'r+' })
  expect(await readAll(path)).toBe('afters')

  const buffer = Buffer.alloc(6)
  await reading?.read(buffer, 0)
  expect(buffer.toString()).toBe('before')
  await reading?.close()
})
