import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findViolations, readImports, type SourceFile } from './room-rules.ts'

const source = join(import.meta.dirname, '..', '..', 'src')

function readSource(): readonly SourceFile[] {
  return globSync('**/*.{ts,tsx}', { cwd: source }).map((path) => ({
    path: path.split(sep).join('/'),
    text: readFileSync(join(source, path), 'utf8'),
  }))
}

describe('the rooms under src', () => {
  const files = readSource()

  test('are all read', () => {
    const paths = files.map((file) => file.path)
    expect(paths).toEqual(expect.arrayContaining(['main.ts', 'oci/digest.ts', 'http/app.ts']))
    expect(files.flatMap((file) => readImports(file.text)).length).toBeGreaterThan(100)
  })

  test('import only what the table allows, and never in a circle', () => {
    expect(findViolations(files)).toEqual([])
  })
})

describe('an arrow that the table refuses is found', () => {
  test.each([
    ['a value room knows no other', 'oci/digest.ts', "import { a } from '../config/config.ts'"],
    ['store and upstream never meet', 'store/x.ts', "import { a } from '../upstream/token.ts'"],
    ['nobody walks back', 'upstream/x.ts', "import type { M } from '../mirror/mirror.ts'"],
    ['a folder deeper makes no difference', 'store/file/x.ts', "import '../../http/app.ts'"],
    ['a room does not import the server', 'http/x.ts', "import { a } from '../server.ts'"],
    [
      'the mirror sees the configuration as types',
      'mirror/x.ts',
      "import { a } from '../config/a.ts'",
    ],
    [
      'one value among types is a value',
      'mirror/x.ts',
      "import { type A, b } from '../config/a.ts'",
    ],
    [
      'http reads blobs and opens none',
      'http/x.ts',
      "import type { BlobStore } from '../store/a.ts'",
    ],
    ['a reader is imported as a type', 'http/x.ts', "import { BlobReader } from '../store/a.ts'"],
    ['a re-export is an import', 'oci/x.ts', "export { a } from '../store/a.ts'"],
    ['a star is an import', 'oci/x.ts', "export * from '../store/a.ts'"],
    ['a dynamic import is one', 'oci/x.ts', "const a = await import('../store/a.ts')"],
    ['lines between braces count', 'oci/x.ts', "import {\n  a,\n  type B,\n} from '../store/a.ts'"],
    ['Hono stays in http', 'mirror/x.ts', "import type { Context } from 'hono'"],
    ['a part of a package is the package', 'mirror/x.ts', "import { a } from 'hono/factory'"],
    ['a scoped package has two parts', 'mirror/x.ts', "import { serve } from '@hono/node-server'"],
    ['undici stays in upstream', 'http/x.ts', "import { request } from 'undici'"],
    ['the database driver stays in store', 'mirror/x.ts', "import Driver from 'better-sqlite3'"],
    ['queries stay in store', 'server.ts', "import type { Kysely } from 'kysely'"],
    ['commands are put together in main', 'commands/x.ts', "import { Command } from 'commander'"],
    ['a package needs a line in the table', 'store/x.ts', "import pg from 'pg'"],
    ['the mirror touches no file', 'mirror/x.ts', "import { open } from 'node:fs/promises'"],
    ['http touches no file', 'http/x.ts', "import * as fs from 'node:fs'"],
    ['values do no I/O', 'oci/x.ts', "import { connect } from 'node:net'"],
    ['a room needs a line in the table', 'cellar/x.ts', ''],
    ['nothing outside src is ours', 'main.ts', "import { a } from '../test/support/a.ts'"],
  ])('%s', (_rule, path, text) => {
    expect(findViolations([{ path, text }])).toEqual([expect.stringContaining(path)])
  })

  test('in a circle between rooms, however long', () => {
    const cycle = findViolations([
      { path: 'config/a.ts', text: "import '../store/b.ts'" },
      { path: 'store/b.ts', text: "import '../upstream/c.ts'" },
      { path: 'upstream/c.ts', text: "import '../config/a.ts'" },
    ]).filter((violation) => violation.startsWith('a cycle'))
    expect(cycle).toEqual(['a cycle: config -> store -> upstream -> config'])
  })
})

describe('an arrow that the table allows passes', () => {
  test.each([
    ['types of the configuration', 'mirror/x.ts', "import type { Config } from '../config/a.ts'"],
    ['types named one by one', 'mirror/x.ts', "import { type A, type B } from '../config/a.ts'"],
    ['a reader for http', 'http/x.ts', "import type { BlobReader } from '../store/blob-store.ts'"],
    ['a file of the same room', 'store/file/x.ts', "import { a } from '../blob-store.ts'"],
    ['hashing in the values', 'oci/x.ts', "import { createHash } from 'node:crypto'"],
    ['words in a comment', 'oci/x.ts', "/** Comes from '../store/a.ts' or so. */"],
    ['words in a text', 'oci/x.ts', "export const hint = `import '../store/a.ts'`"],
  ])('%s', (_rule, path, text) => {
    expect(findViolations([{ path, text }])).toEqual([])
  })
})
