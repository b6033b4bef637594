import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FolderLock } from '../../../../src/store/file/folder-lock.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../../support/temporary-directory.ts'

let directory: TemporaryDirectory
let file: string
const locks: FolderLock[] = []

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  file = join(directory.path, 'partial.lock')
})
afterEach(async () => {
  for (const lock of locks.splice(0)) lock.release()
  await directory.remove()
})

function take(): FolderLock {
  const lock = FolderLock.take(file)
  locks.push(lock)
  return lock
}

test('is had by one at a time', async () => {
  const first = take()
  expect(() => take()).toThrow(expect.objectContaining({ code: 'SQLITE_BUSY' }))
  expect(() => take()).toThrow()
  expect(await first.isHeld()).toBe(true)
  first.release()
  expect(await take().isHeld()).toBe(true)
})

test('is one file beside the others', async () => {
  take()
  expect(await readdir(directory.path)).toEqual(['partial.lock'])
})

test('is worth nothing once its file is gone, or another’s', async () => {
  const first = take()
  await rm(file)
  expect(await first.isHeld()).toBe(false)
  const second = take()
  expect(await first.isHeld()).toBe(false)
  expect(await second.isHeld()).toBe(true)
})

test('is had by nobody where there is no folder', async () => {
  await directory.remove()
  expect(() => take()).toThrow()
})
