import { appendFile, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AuditFiles } from '../../src/store/file/audit-files.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'

const november = Date.UTC(2026, 10, 30, 23, 59)
const december = Date.UTC(2026, 11, 1)

let directory: TemporaryDirectory

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
})
afterEach(() => directory.remove())

const open = (settings = {}) => new AuditFiles(directory.path, settings)
const pathOf = (name: string) => join(directory.path, 'audit', name)
const list = async () => (await readdir(join(directory.path, 'audit'))).sort()
const read = (name: string) => readFile(pathOf(name), 'utf8')

test('lines go to the file of their month, which only its owner may read', async () => {
  const files = open()
  await files.append('1\n', november)
  await files.append('2\n', december)
  await files.append('3\n4\n', december)
  expect(await list()).toEqual(['2026-11.jsonl', '2026-12.jsonl'])
  expect([await read('2026-11.jsonl'), await read('2026-12.jsonl')]).toEqual(['1\n', '2\n3\n4\n'])
  expect((await stat(pathOf('2026-11.jsonl'))).mode & 0o777).toBe(0o600)
  expect((await stat(join(directory.path, 'audit'))).mode & 0o777).toBe(0o700)
})

test('a file that is full is followed by another, also after a restart', async () => {
  const files = open({ mostBytes: 10 })
  for (const line of ['12345\n', '1234\n', 'next\n']) await files.append(line, november)
  expect(await list()).toEqual(['2026-11-2.jsonl', '2026-11.jsonl'])
  expect(await read('2026-11-2.jsonl')).toBe('1234\nnext\n')
  const again = open({ mostBytes: 10 })
  await again.append('a\n', november)
  await again.append('more than ten bytes\n', november)
  expect(await read('2026-11-3.jsonl')).toBe('a\n')
  expect(await read('2026-11-4.jsonl')).toBe('more than ten bytes\n')
})

test('so many files stay, the newest, and none of more than two years ago', async () => {
  await open().append('1\n', november)
  for (const name of [
    '2024-09.jsonl',
    '2024-11.jsonl',
    '2026-10-2.jsonl',
    '2026-10-10.jsonl',
    'notes.txt',
  ])
    await writeFile(pathOf(name), 'x\n')
  await open().append('1\n', december)
  const left = [
    '2026-10-10.jsonl',
    '2026-10-2.jsonl',
    '2026-11.jsonl',
    '2026-12.jsonl',
    'notes.txt',
  ]
  expect(await list()).toEqual(left)
  await open({ mostBytes: 3, mostFiles: 3 }).append('22\n', december)
  expect(await list()).toEqual(['2026-11.jsonl', '2026-12-2.jsonl', '2026-12.jsonl', 'notes.txt'])
})

test('what comes after half a line is a line of its own', async () => {
  const files = open()
  await files.append('{"a":1}\n', november)
  await appendFile(pathOf('2026-11.jsonl'), '{"a"')
  await files.append('{"b":1}\n', november)
  expect(await read('2026-11.jsonl')).toBe('{"a":1}\n{"a"\n{"b":1}\n')
})

test('a folder that somebody took away is made again', async () => {
  const files = open()
  await files.append('1\n', november)
  await directory.remove()
  await files.append('2\n', november)
  expect(await read('2026-11.jsonl')).toBe('2\n')
})
