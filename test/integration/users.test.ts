import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { PasswordFile } from '../../src/access/password-file.ts'
import { checkPassword } from '../../src/access/password-hash.ts'
import { FolderLock } from '../../src/store/file/folder-lock.ts'
import { builtMain } from '../support/built-program.ts'
import { runFed, writeMirrors } from '../support/run-command.ts'

const run = promisify(execFile)
const password = 'correct horse'

/** Each command is a process, and a small machine takes a second for one. */
const timeout = 60_000

const makePlace = async () => {
  const access = { groups: { team: ['alice'] } }
  const config = await writeMirrors({ listen: '127.0.0.1:5000', data: './data', access })
  const data = join(dirname(config), 'data')
  const file = join(data, 'htpasswd')
  return {
    config,
    data,
    file,
    user: (input: string, ...args: string[]) => runFed(input, 'user', ...args, '--config', config),
    token: (...args: string[]) => runFed('', 'token', ...args, '--config', config),
    hashOf: async (name: string) => {
      const users = await PasswordFile.open(data, { onProblem: () => {} })
      return users.find(name) ?? 'none'
    },
  }
}

test('a user is added with the password on standard input, and told how to log in', async () => {
  const { user, file, hashOf } = await makePlace()
  const added = await user(`${password}\nanother line\n`, 'add', 'alice')
  expect(added).toMatchObject({ code: 0, stderr: '' })
  expect(added.stdout).toContain('Next: docker login 127.0.0.1:5000\n')
  expect(added.stdout).toContain('alice may pull, push, delete and administer everything')
  expect(await checkPassword(password, await hashOf('alice'))).toBe(true)
  expect((await stat(file)).mode & 0o777).toBe(0o600)

  const changed = await user('battery staple', 'add', 'alice')
  expect(changed).toMatchObject({ code: 0, stderr: '' })
  expect(changed.stdout).toContain('alice was there already and has another password now')
  expect(await checkPassword(password, await hashOf('alice'))).toBe(false)
  expect(await checkPassword('battery staple', await hashOf('alice'))).toBe(true)
  expect(await user('', 'ls')).toMatchObject({
    code: 0,
    stdout: 'USER   PASSWORD\nalice  bcrypt\n',
  })
})

test('what cannot be is refused, and changes nothing', { timeout }, async () => {
  const { user, token, file } = await makePlace()
  await token('create', '--name', 'ci', '--may', 'pull')
  const rows = [
    { args: ['add', 'users'], input: password, code: 2, says: '"users" is nobody\'s name' },
    { args: ['add', 'two words'], input: password, code: 2, says: 'is no name: wanted are' },
    { args: ['add', 'bob'], input: '', code: 1, says: 'docker exec -i' },
    { args: ['add', 'bob'], input: '\n', code: 1, says: 'neither a terminal' },
    { args: ['add', 'bob'], input: '1234567', code: 1, says: 'at least 8 are wanted' },
    { args: ['add', 'bob'], input: 'a'.repeat(9999), code: 1, says: 'at most 72 are wanted' },
    { args: ['add', 'ci'], input: password, code: 1, says: 'a token has the name "ci"' },
    { args: ['add', 'team'], input: password, code: 1, says: 'a group has the name "team"' },
    { args: ['rm', 'bob'], input: '', code: 1, says: 'there is no user "bob"' },
    { args: ['add'], input: '', code: 2, says: "missing required argument 'name'" },
    { args: ['fly'], input: '', code: 2, says: "unknown command 'fly'" },
  ]
  const refused = rows.map(async ({ args, input, code, says }) => {
    const ended = await user(input, ...args)
    expect([args, ended]).toMatchObject([args, { code, stdout: '' }])
    expect(ended.stderr).toContain(says)
  })
  await Promise.all(refused)
  await expect(stat(file)).rejects.toThrow('ENOENT')
})

test('users that are removed take their tokens with them, and no others', { timeout }, async () => {
  const { user, token } = await makePlace()
  for (const name of ['alice', 'bob']) await user(password, 'add', name)
  for (const name of ['alice', 'bob'])
    await token('create', '--name', `${name}-laptop`, '--user', name)
  const removed = await user('', 'rm', 'alice')
  expect(removed).toMatchObject({ code: 0, stderr: '' })
  expect(removed.stdout).toMatch(/^alice is removed, and so are 1 tokens/)
  expect((await user('', 'ls')).stdout).toBe('USER  PASSWORD\nbob   bcrypt\n')
  expect((await token('ls')).stdout).not.toContain('alice')
  expect((await token('ls')).stdout).toContain('bob-laptop')
})

test('users that the file lost otherwise can still be freed of their tokens', async () => {
  const { user, token, file } = await makePlace()
  await user(password, 'add', 'alice')
  await token('create', '--name', 'laptop', '--user', 'alice')
  await rm(file)
  expect(await user('', 'rm', 'alice')).toMatchObject({ code: 0 })
  expect((await token('ls')).stdout).toBe('')
  expect(await user('', 'rm', 'alice')).toMatchObject({ code: 1 })
})

test('who is added under a name that the file lost gets none of the tokens of the one before', async () => {
  const { user, token, file } = await makePlace()
  await user(password, 'add', 'alice')
  await token('create', '--name', 'laptop', '--user', 'alice')
  await rm(file)
  const added = await user(password, 'add', 'alice')
  expect(added).toMatchObject({ code: 0 })
  expect(added.stdout).toContain('1 tokens and browser logins that acted for an earlier alice')
  expect((await token('ls')).stdout).toBe('')
})

test('ls names whose password is of a kind that cannot be checked', async () => {
  const { user, file } = await makePlace()
  await user(password, 'add', 'alice')
  await writeFile(file, `${await readFile(file, 'utf8')}bob:{SHA}W6ph5Mm5Pz8=\nnobody\n`)
  const { stdout, stderr, code } = await user('', 'ls')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^bob {4}the hash is SHA-1, by which nobody can log in/m)
  expect(stderr).toBe('line 3: it has no colon: wanted is NAME:HASH\n')
  const listed = JSON.parse((await user('', 'ls', '--json')).stdout)
  expect(listed.users).toEqual([
    { name: 'alice' },
    { name: 'bob', problem: expect.stringContaining('SHA-1') },
  ])
})

test('many that are added at once are all there', async () => {
  const { user, file } = await makePlace()
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  await user(password, 'add', 'first')
  const added = await Promise.all(names.map((name) => user(password, 'add', name)))
  expect(added.map(({ code, stderr }) => [code, stderr])).toEqual(names.map(() => [0, '']))
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  expect(lines.map((line) => line.split(':')[0]).sort()).toEqual([...names, 'first'])
})

test('a command waits for another one that edits', async () => {
  const { user, data, hashOf } = await makePlace()
  await user(password, 'add', 'alice')
  const lock = FolderLock.take(join(data, 'htpasswd.lock'))
  const adding = user(password, 'add', 'bob')
  const first = await Promise.race([adding, sleep(2_500, 'waits')])
  expect(first).toBe('waits')
  lock.release()
  expect(await adding).toMatchObject({ code: 0 })
  expect(await hashOf('bob')).not.toBe('none')
})

const hasHtpasswd = await run('htpasswd', ['-nbB', 'a', 'b']).then(
  () => true,
  () => false,
)

test.skipIf(!hasHtpasswd)('a user whom Apache’s htpasswd added is a user', async () => {
  const { user, file, hashOf } = await makePlace()
  await user(password, 'add', 'alice')
  await run('htpasswd', ['-bB', file, 'bob', 'secret-of-bob'])
  expect(await hashOf('bob')).toMatch(/^\$2y\$/)
  expect(await checkPassword('secret-of-bob', await hashOf('bob'))).toBe(true)
  expect((await user('', 'ls')).stdout).toBe('USER   PASSWORD\nalice  bcrypt\nbob    bcrypt\n')
  await user(password, 'add', 'bob')
  await expect(run('htpasswd', ['-vb', file, 'bob', password])).resolves.toBeDefined()
})

const hasScript = await run('script', ['--version']).then(
  () => true,
  () => false,
)

/** Types a line each time that the command asks for one, on a terminal. */
const typeInto = async (config: string, typed: readonly string[]) => {
  const command = `'${process.execPath}' '${builtMain}' user add alice --config '${config}'`
  const child = spawn('script', ['-qec', command, '/dev/null'])
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = [...typed]
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    for (const _ of text.matchAll(/(alice|again): /g)) child.stdin.write(lines.shift() ?? '\u0003')
  })
  const [code] = await once(child, 'close')
  return { code, shown }
}

test.skipIf(!hasScript).each([
  { typed: [`${password}\r`, `${password}\r`], code: 0, says: 'alice is added' },
  { typed: [`wrong\u0015${password}x\u007f\r`, `${password}\r`], code: 0, says: 'alice is added' },
  { typed: [`${password}\r`, 'correct house\r'], code: 1, says: 'the two are not the same' },
  { typed: ['short\r'], code: 1, says: 'at least 8 are wanted' },
  { typed: [`${password}\r`, '\u0003'], code: 1, says: 'Nothing is changed' },
  { typed: ['\u0004'], code: 1, says: 'Nothing is changed' },
])('typed on a terminal, $typed is not shown, and ends with $code', async (row) => {
  const { config, hashOf } = await makePlace()
  const { code, shown } = await typeInto(config, row.typed)
  expect([code, shown]).toEqual([row.code, expect.stringContaining(row.says)])
  expect(shown).not.toMatch(/correct|short/)
  expect(await checkPassword(password, await hashOf('alice'))).toBe(row.code === 0)
})
