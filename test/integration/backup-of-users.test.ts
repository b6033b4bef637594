import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeEmptyPlace, run } from '../support/backup-place.ts'
import { runFed } from '../support/run-command.ts'
import { makeFolder } from '../support/start-mirrored.ts'

const timeout = 60_000

const makePlace = async () => {
  const place = await makeEmptyPlace()
  const config = ['--config', join(place, 'mirrors.yaml')]
  const ask = async (input: string, ...args: string[]) => {
    const ended = await runFed(input, ...args, ...config)
    expect([args, ended]).toMatchObject([args, { code: 0 }])
    return ended.stdout
  }
  return {
    place,
    file: join(place, 'data', 'htpasswd'),
    addUser: (name: string) => ask('correct horse', 'user', 'add', name),
    removeUser: (name: string) => ask('', 'user', 'rm', name),
    addToken: (name: string) => ask('', 'token', 'create', '--name', name),
    tokens: async () => JSON.parse(await ask('', 'token', 'ls', '--json')).tokens,
  }
}

test('users and tokens are backed up and restored, for their owner to read', {
  timeout,
}, async () => {
  const { place, file, addUser, addToken, tokens } = await makePlace()
  await addUser('alice')
  await addToken('ci')
  const target = join(await makeFolder(), 'backup')
  expect(await run('backup', target, { place })).toMatchObject({ code: 0, stderr: '' })
  expect((await stat(join(target, 'htpasswd'))).mode & 0o777).toBe(0o600)

  const other = await makePlace()
  expect(await run('restore', target, other)).toMatchObject({ code: 0, stderr: '' })
  expect(await readFile(other.file)).toEqual(await readFile(file))
  expect((await stat(other.file)).mode & 0o777).toBe(0o600)
  expect(await other.tokens()).toEqual(await tokens())
})

test('the next backup has the users of its time, and none where there are none', {
  timeout,
}, async () => {
  const { place, file, addUser, removeUser } = await makePlace()
  await addUser('alice')
  const target = join(await makeFolder(), 'backup')
  await run('backup', target, { place })
  await addUser('bob')
  await removeUser('alice')
  expect((await run('backup', target, { place })).code).toBe(0)
  expect(await readFile(join(target, 'htpasswd'))).toEqual(await readFile(file))
  await removeUser('bob')
  expect((await run('backup', target, { place })).code).toBe(0)
  expect(await readFile(join(target, 'htpasswd'), 'utf8')).toBe('')
})

test('what is restored over other users keeps them under another name', { timeout }, async () => {
  const { place, file, addUser } = await makePlace()
  await addUser('alice')
  const target = join(await makeFolder(), 'backup')
  await run('backup', target, { place })
  const other = await makePlace()
  await other.addUser('bob')
  const before = await readFile(other.file)
  const flags = ['--force']
  expect((await run('restore', target, { ...other, flags })).code).toBe(0)
  expect(await readFile(other.file)).toEqual(await readFile(file))
  const names = await readdir(join(other.place, 'data'))
  const [kept = 'none'] = names.filter((name) => name.startsWith('htpasswd.before-restore-'))
  expect(await readFile(join(other.place, 'data', kept))).toEqual(before)
  expect((await run('restore', target, { ...other, flags })).code).toBe(0)
})

test('a backup without users leaves those that are there', { timeout }, async () => {
  const { place, addToken } = await makePlace()
  await addToken('ci')
  const target = join(await makeFolder(), 'backup')
  await run('backup', target, { place })
  expect(await readdir(target)).not.toContain('htpasswd')
  const other = await makePlace()
  await other.addUser('bob')
  const before = await readFile(other.file)
  expect((await run('restore', target, { ...other, flags: ['--force'] })).code).toBe(0)
  expect(await readFile(other.file)).toEqual(before)
})
