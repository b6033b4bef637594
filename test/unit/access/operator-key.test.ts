import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  isOperatorKey,
  openOperatorKey,
  readOperatorKey,
} from '../../../src/access/operator-key.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

let directory: TemporaryDirectory
let file: string

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  file = join(directory.path, 'operator.key')
})
afterEach(() => directory.remove())

const problems: string[] = []
const openKey = (folder: string) => openOperatorKey(folder, (problem) => problems.push(problem))

const modeOf = async () => (await stat(file)).mode & 0o777

test('it is made once, for its owner alone, and read by others as it is', async () => {
  expect(await readOperatorKey(directory.path)).toBeUndefined()
  const key = await openKey(directory.path)
  expect(key).toMatch(/^entrepot_operator_[\w-]{43}$/)
  expect(await modeOf()).toBe(0o600)
  expect(await readFile(file, 'utf8')).toBe(`${key}\n`)
  await chmod(file, 0o644)
  expect(await openKey(directory.path)).toBe(key)
  expect(await modeOf()).toBe(0o600)
  expect(await readOperatorKey(directory.path)).toBe(key)
  expect(problems).toEqual([])
})

test('two folders have two', async () => {
  const other = join(directory.path, 'other')
  await mkdir(other)
  expect(await openKey(other)).not.toBe(await openKey(directory.path))
})

test.each([
  '',
  'entrepot_operator_',
  `entrepot_operator_${'A'.repeat(42)}`,
  `entrepot_operator_${'A'.repeat(43)} `.repeat(2),
])('what is no key, such as %j, gives way to one for its owner alone', async (text) => {
  await writeFile(file, text)
  await chmod(file, 0o644)
  expect(await readOperatorKey(directory.path)).toBeUndefined()
  const key = await openKey(directory.path)
  expect(await modeOf()).toBe(0o600)
  expect(await readFile(file, 'utf8')).toBe(`${key}\n`)
})

test('what cannot be read is said, and not replaced', async () => {
  await mkdir(file)
  await expect(readOperatorKey(directory.path)).rejects.toThrow('EISDIR')
  // The server serves all the same, with a key that nobody has.
  expect(await openKey(directory.path)).not.toBe(await openKey(directory.path))
  expect(problems.splice(0)).toEqual(Array(2).fill(expect.stringContaining('EISDIR')))
})

test('only the same text is the key', async () => {
  const key = await openKey(directory.path)
  expect(isOperatorKey(key, key)).toBe(true)
  for (const other of ['', key.slice(1), `${key}A`, key.toUpperCase(), `${key}\n`])
    expect(isOperatorKey(other, key)).toBe(false)
})
