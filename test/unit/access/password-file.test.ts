import {
  chmod,
  lstat,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { PasswordEditor, whileLocked } from '../../../src/access/edit-password-file.ts'
import { PasswordFile } from '../../../src/access/password-file.ts'
import { nobodysHash } from '../../../src/access/password-hash.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

let directory: TemporaryDirectory
let data: string
let file: string
let passwords: PasswordFile | undefined
let problems: string[]

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  data = directory.path
  file = join(data, 'htpasswd')
  problems = []
})
afterEach(async () => {
  passwords?.close()
  await directory.remove()
})

const open = async () => {
  const onProblem = (message: string) => void problems.push(message)
  passwords = await PasswordFile.open(data, { onProblem, pollMs: 20 })
  return passwords
}
const line = (name: string) => `${name}:${nobodysHash}\n`

describe('the users of a data folder', () => {
  test('are nobody where there is no file', async () => {
    const users = await open()
    expect(users.isEmpty).toBe(true)
    expect(users.names()).toEqual([])
    expect(users.find('alice')).toBeUndefined()
    expect(problems).toEqual([])
  })

  test('are taken up again from a file of the same size and time in the same place', async () => {
    const other = nobodysHash.replace(/.$/, '.')
    await writeFile(file, `alice:${nobodysHash}\n`)
    await utimes(file, 1_700_000_000, 1_700_000_000)
    const users = await open()
    await writeFile(file, `alice:${other}\n`)
    await utimes(file, 1_700_000_000, 1_700_000_000)
    expect(await users.refresh()).toBe(true)
    expect(users.find('alice')).toBe(other)
  })

  test('are those of the file, and of the file as it was changed', async () => {
    await writeFile(file, line('alice'))
    const users = await open()
    expect(users.names()).toEqual(['alice'])
    expect(users.find('alice')).toBe(nobodysHash)
    expect(await users.refresh()).toBe(false)
    await writeFile(file, line('alice') + line('bob'))
    expect(await users.refresh()).toBe(true)
    expect(users.names()).toEqual(['alice', 'bob'])
    await writeFile(file, `# nothing but a comment\n${line('alice')}${line('bob')}`)
    expect(await users.refresh()).toBe(false)
    await rm(file)
    expect(await users.refresh()).toBe(true)
    expect(users.isEmpty).toBe(true)
  })

  test('are taken up where the file takes the place of another of the same size', async () => {
    await writeFile(file, line('alice'))
    const users = await open()
    await writeFile(`${file}.new`, line('carol'))
    await rename(`${file}.new`, file)
    expect(await users.refresh()).toBe(true)
    expect(users.names()).toEqual(['carol'])
  })

  test('are taken up by themselves, once for each change', async () => {
    const users = await open()
    const changed = Promise.withResolvers<void>()
    const onChanged = vi.fn(changed.resolve)
    users.watch(onChanged)
    await writeFile(file, line('alice'))
    await changed.promise
    expect(users.names()).toEqual(['alice'])
    await users.refresh()
    expect(onChanged).toHaveBeenCalledTimes(1)
  })

  test('stay while the file is being written', async () => {
    await writeFile(file, line('alice') + line('bob'))
    const users = await open()
    await writeFile(file, '')
    const refreshed = users.refresh()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(users.names()).toEqual(['alice', 'bob'])
    await writeFile(file, line('alice') + line('bob') + line('carol'))
    await refreshed
    expect(users.names()).toEqual(['alice', 'bob', 'carol'])
  })

  test('are asked for by many at once with one look', async () => {
    const users = await open()
    await writeFile(file, line('alice'))
    const all = await Promise.all(Array.from({ length: 50 }, () => users.refresh()))
    expect(all).toContain(true)
    expect(users.names()).toEqual(['alice'])
  })

  test.each([
    ['too large', () => writeFile(file, `#${'x'.repeat(1024 * 1024)}`), 'at most 1048576'],
    ['of too many users', () => writeFile(file, manyUsers), 'more than 10000 users'],
    ['a folder', () => rm(file).then(() => mkdir(file)), 'no plain file'],
  ])('stay where the file is %s, which is told once', async (_, spoil, says) => {
    await writeFile(file, line('alice'))
    const users = await open()
    await spoil()
    expect(await users.refresh()).toBe(false)
    expect(await users.refresh()).toBe(false)
    expect(users.names()).toEqual(['alice'])
    expect(problems).toEqual([expect.stringContaining(says)])
    await rm(file, { recursive: true })
    await writeFile(file, line('bob'))
    expect(await users.refresh()).toBe(true)
    expect(users.names()).toEqual(['bob'])
  })

  test('that can’t log in are told of, by line', async () => {
    await writeFile(file, `${line('alice')}bob:{SHA}abc\n${'carol\n'.repeat(6)}`)
    const users = await open()
    expect(users.names()).toEqual(['alice', 'bob'])
    const [problem = ''] = problems
    expect(problem).toContain('line 2 ("bob"): the hash is SHA-1')
    expect(problem).toContain('and 2 more lines')
    expect(problem).not.toContain('{SHA}')
  })
})

const manyUsers = Array.from({ length: 10_001 }, (_, index) => `${index}:x\n`).join('')

describe('an edit', () => {
  test('adds, changes and removes a user, and keeps the rest', async () => {
    const editor = new PasswordEditor(data)
    expect(await editor.addUser('alice', 'one')).toBe(true)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await writeFile(file, `# ours\n${await readFile(file, 'utf8')}`)
    expect(await editor.addUser('alice', 'two')).toBe(false)
    expect(await editor.addUser('bob', 'three')).toBe(true)
    expect(await editor.has('bob')).toBe(true)
    expect(await editor.has('carol')).toBe(false)
    expect(await readFile(file, 'utf8')).toBe('# ours\nalice:two\nbob:three\n')
    expect(await editor.removeUser('alice')).toBe(true)
    expect(await editor.removeUser('alice')).toBe(false)
    expect(await readFile(file, 'utf8')).toBe('# ours\nbob:three\n')
  })

  test('keeps the rights of the file, and the link by which it is named', async () => {
    const real = join(data, 'elsewhere')
    await writeFile(real, line('alice'))
    await chmod(real, 0o640)
    await symlink(real, file)
    await new PasswordEditor(data).addUser('bob', 'x')
    expect((await lstat(file)).isSymbolicLink()).toBe(true)
    expect((await stat(real)).mode & 0o777).toBe(0o640)
    expect(await readFile(real, 'utf8')).toContain('bob:x')
  })

  test.skipIf(process.getuid?.() !== 0)(
    'by root leaves a file that its owner, or the owner of the folder, can read',
    async () => {
      const { chown } = await import('node:fs/promises')
      const editor = new PasswordEditor(data)
      await chown(data, 1234, 1235)
      await editor.addUser('alice', 'x')
      expect(await stat(file)).toMatchObject({ uid: 1234, gid: 1235 })
      await chown(file, 4321, 5321)
      await editor.addUser('bob', 'x')
      expect(await stat(file)).toMatchObject({ uid: 4321, gid: 5321 })
    },
  )

  test('of what has too many users is refused, and changes nothing', async () => {
    const text = manyUsers.split('\n').slice(0, 10_000).join('\n')
    await writeFile(file, text)
    await expect(new PasswordEditor(data).addUser('alice', 'x')).rejects.toThrow('10000 users')
    expect(await readFile(file, 'utf8')).toBe(text)
  })

  test('lets go of the lock when it failed, too', async () => {
    const taken: string[] = []
    const takeLock = async (name: string) => {
      taken.push(name)
      return { release: () => void taken.push('released') }
    }
    const failing = whileLocked(data, takeLock, () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(taken).toEqual([`${file}.lock`, 'released'])
  })
})
