import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findStorage, StorageError } from '../../../src/adopt/find-storage.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

let directory: TemporaryDirectory
const inside = (...parts: string[]) => join(directory.path, ...parts)

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
})
afterEach(() => directory.remove())

const make = async (root: string) => {
  const folder = join(root, 'docker/registry/v2')
  await mkdir(join(folder, 'repositories/team/app/_manifests'), { recursive: true })
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true })
  return folder
}

describe('a storage folder', () => {
  test.each([
    ['its rootdirectory', 'registry'],
    ['docker', 'registry/docker'],
    ['docker/registry', 'registry/docker/registry'],
    ['v2', 'registry/docker/registry/v2'],
    ['repositories', 'registry/docker/registry/v2/repositories'],
    ['a repository', 'registry/docker/registry/v2/repositories/team/app'],
    ['what it lies in', '.'],
  ])('is found by %s', async (_, named) => {
    const folder = await make(inside('registry'))
    expect(await findStorage(inside(named))).toEqual({ folder, isProxy: false })
  })

  test('is found two folders below, and under another name', async () => {
    const folder = await make(inside('volumes/registry'))
    expect((await findStorage(inside())).folder).toBe(folder)
    await mkdir(inside('copied/blobs'), { recursive: true })
    await mkdir(inside('copied/repositories'))
    expect((await findStorage(inside('copied'))).folder).toBe(inside('copied'))
  })

  test('was filled by pulls where its registry has a schedule', async () => {
    await make(inside('registry'))
    await writeFile(inside('registry/scheduler-state.json'), '{}')
    for (const named of ['registry', 'registry/docker/registry/v2', '.'])
      expect((await findStorage(inside(named))).isProxy).toBe(true)
  })
})

describe('what is no storage folder', () => {
  const messageOf = async (path: string) => {
    const error = await findStorage(path).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(StorageError)
    return String(error.message)
  }

  test('is said to be, with what was looked for', async () => {
    await mkdir(inside('blobs/sha256'), { recursive: true })
    const message = await messageOf(inside())
    for (const part of [
      'docker/registry/v2 with repositories and blobs',
      inside(),
      'rootdirectory',
    ])
      expect(message).toContain(part)
  })

  test('may be missing, or a file', async () => {
    await writeFile(inside('file'), '')
    expect(await messageOf(inside('missing'))).toContain('is no folder')
    expect(await messageOf(inside('file'))).toContain('is no folder')
  })

  test('may be what can not be looked into, and why', async () => {
    await mkdir(inside('registry'))
    await symlink('docker', inside('registry/docker'))
    expect(await messageOf(inside('registry'))).toMatch(
      /registry\/docker\/\S+ can't be read \(ELOOP\).*: run it as a user who may read it$/,
    )
    // What is found elsewhere is found.
    const folder = await make(inside('other'))
    expect(await findStorage(inside())).toEqual({ folder, isProxy: false })
    // What was pulled must not be taken for what was pushed.
    await symlink('scheduler-state.json', inside('other/scheduler-state.json'))
    expect(await messageOf(inside())).toContain('scheduler-state.json can')
  })

  test('may be several', async () => {
    await make(inside('one'))
    await make(inside('other'))
    expect(await messageOf(inside())).toContain('one, other')
  })
})
