import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseRequestPath } from '../../../../src/oci/request-path.ts'
import { FileBlobStore } from '../../../../src/store/file/file-blob-store.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../../support/temporary-directory.ts'

let outside: TemporaryDirectory
let store: FileBlobStore

beforeAll(async () => {
  outside = await makeTemporaryDirectory()
  const complain = (error: unknown) => {
    throw error
  }
  store = await FileBlobStore.open(join(outside.path, 'data'), complain)
})
afterAll(async () => {
  await store.close()
  await outside.remove()
})

/** Below the folder that holds the data folder; folders left out. */
async function listFiles(): Promise<readonly string[]> {
  const entries = await readdir(outside.path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => !entry.isDirectory())
  return files
    .map((file) => relative(outside.path, join(file.parentPath, file.name)).split(sep).join('/'))
    .sort()
}

test('a digest that a path may hold makes no file outside its folder', async () => {
  const hex = fc.string({
    unit: fc.constantFrom(...'0123456789abcdef'),
    minLength: 64,
    maxLength: 64,
  })
  const hostile = fc.constantFrom('../', '%2e%2e%2f', '/', '%2F', '%00', '\\', 'A', '')
  const text = fc
    .record({ algorithm: fc.constantFrom('sha256', 'sha512', '../x', 'blobs'), hex, hostile })
    .chain((made) =>
      fc.constantFrom(
        `${made.algorithm}:${made.hex}`,
        `${made.algorithm}%3A${made.hex}${made.hex}`,
        `${made.algorithm}:${made.hostile}${made.hex.slice(made.hostile.length)}`,
      ),
    )
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(text, async (digestText) => {
      const target = read(`/v2/a/blobs/${digestText}`)
      if (target?.kind !== 'blob') return
      accepted++
      for (const begin of ['create', 'resume'] as const) {
        const writer = await store[begin](target.digest, { owner: 'docker.io' })
        try {
          expect(await listFiles()).toEqual([
            'data/partial.lock',
            expect.stringMatching(/^data\/partial\/(sha256|sha512)-[0-9a-f]+[0-9a-f.-]*$/),
          ])
          expect(await store.find(target.digest)).toBeUndefined()
        } finally {
          await writer.discard()
          await writer.close()
        }
      }
    }),
    { numRuns: 300 },
  )
  expect(accepted).toBeGreaterThan(30)
  expect(await listFiles()).toEqual(['data/partial.lock'])
})

function read(path: string) {
  try {
    return parseRequestPath(path)?.target
  } catch {
    return undefined
  }
}
