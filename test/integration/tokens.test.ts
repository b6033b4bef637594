import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { parseToken } from '../../src/access/token-secret.ts'
import { openStores } from '../../src/store/open-stores.ts'
import { ask } from '../support/raw-client.ts'
import { runFed, writeMirrors } from '../support/run-command.ts'
import { makeFolder, startServerForTest } from '../support/start-mirrored.ts'

/** Each command is a process, and a small machine takes a second for one. */
const timeout = 60_000

const makePlace = async () => {
  const config = await writeMirrors({ listen: '127.0.0.1:0', data: './data' })
  const data = join(dirname(config), 'data')
  const token = (...args: string[]) => runFed('', 'token', ...args, '--config', config)
  const addUser = (name: string) => runFed('correct horse', 'user', 'add', name, '--config', config)
  return { data, token, addUser }
}

/** What the data folder knows of a token. */
const findToken = async (data: string, text: string) => {
  const ignore = () => {}
  const callbacks = { onError: ignore, onFault: ignore, onRecovered: ignore }
  const stores = await openStores(data, callbacks, { isGuest: true })
  try {
    const parsed = parseToken(text)
    const record = await stores.access.findToken(parsed?.id ?? '')
    return { parsed, record, keys: await stores.access.listSigningKeys() }
  } finally {
    await stores.close()
  }
}

test('a robot’s token is printed once, alone on stdout, and kept as a hash', async () => {
  const { token, data } = await makePlace()
  const made = await token(
    ...['create', '--name', 'ci', '--may', 'push,pull', '--expires', '90d'],
    ...['--repositories', 'team/**', 'other'],
  )
  expect(made.code).toBe(0)
  expect(made.stdout).toMatch(/^entrepot_[0-9a-f]{12}_[\w-]{43}\n$/)
  expect(made.stderr).toContain('the token ci may pull, push in team/** other')
  expect(made.stderr).toContain('shown only this once')
  const text = made.stdout.trim()
  const { parsed, record } = await findToken(data, text)
  expect(record).toMatchObject({ ...parsed, kind: 'robot', may: ['pull', 'push'] })
  const lives = (record?.expiresAt ?? 0) - (record?.createdAt ?? 0)
  expect(lives).toBe(90 * 24 * 3_600_000)
  const secret = text.slice(-43)
  const database = await readFile(join(data, 'entrepot.db'), 'latin1')
  expect(database).not.toContain(secret)
  expect((await token('ls')).stdout).not.toContain(secret)
})

test('a personal token acts for its user, and is limited where it is said', async () => {
  const { token, addUser, data } = await makePlace()
  await addUser('alice')
  const all = await token('create', '--name', 'laptop', '--user', 'alice')
  expect(all.stderr).toContain('acts for alice, and may of what alice may: all; it does not expire')
  const some = await token(
    ...['create', '--name', 'phone', '--user', 'alice', '--may', 'pull', '--json'],
  )
  expect(some.stderr).toBe('')
  const { token: text, ...said } = JSON.parse(some.stdout)
  const created = expect.any(String)
  expect(said).toEqual({ name: 'phone', kind: 'personal', user: 'alice', may: ['pull'], created })
  expect((await findToken(data, text)).record).toMatchObject({ user: 'alice', may: ['pull'] })
})

test('a robot without --may is told that rules alone count for it', async () => {
  const { token } = await makePlace()
  const made = await token('create', '--name', 'ci')
  expect(made.code).toBe(0)
  expect(made.stderr).toContain('only what a rule with who: ci under access.rules')
})

test('what cannot be is refused, and changes nothing', { timeout }, async () => {
  const { token, addUser } = await makePlace()
  await addUser('alice')
  await token('create', '--name', 'ci', '--may', 'pull')
  const before = (await token('ls', '--json')).stdout
  const rows = [
    { args: ['create'], code: 2, says: "required option '--name <name>' not specified" },
    { args: ['create', '--name', 'x', '--may', 'fly'], code: 2, says: 'holds "fly"' },
    { args: ['create', '--name', 'x', '--user', 'bob'], code: 1, says: 'there is no user "bob"' },
    { args: ['create', '--name', 'alice'], code: 1, says: 'there is a user "alice"' },
    { args: ['create', '--name', 'ci'], code: 1, says: 'there is a token "ci" already' },
    { args: ['revoke', 'other'], code: 1, says: 'there is no token "other"' },
  ]
  const refused = rows.map(async ({ args, code, says }) => {
    const ended = await token(...args)
    expect([args, ended]).toMatchObject([args, { code, stdout: '' }])
    expect(ended.stderr).toContain(says)
  })
  await Promise.all(refused)
  expect((await token('ls', '--json')).stdout).toBe(before)
})

test('ls says what each may, and which have expired', { timeout }, async () => {
  const { token, addUser } = await makePlace()
  expect((await token('ls')).stderr).toContain('there is no data folder')
  await addUser('alice')
  expect(await token('ls')).toMatchObject({ code: 0, stdout: '' })
  await token('create', '--name', 'ci', '--may', 'pull', '--repositories', 'team/**')
  await token('create', '--name', 'laptop', '--user', 'alice')
  await token('create', '--name', 'old', '--expires', '1ms')
  const [head, ...rows] = (await token('ls')).stdout.trim().split('\n')
  expect(head).toMatch(/^TOKEN +FOR +MAY +REPOSITORIES +CREATED +EXPIRES +LAST USED$/)
  expect(rows).toEqual([
    expect.stringMatching(/^ci +itself +pull +team\/\*\* +just now +never +never$/),
    expect.stringMatching(/^laptop +alice +as alice +\*\* +just now +never +never$/),
    expect.stringMatching(/^old +itself +by rules +\*\* +just now +\d{4}-.*Z \(expired\) +never$/),
  ])
  const { tokens } = JSON.parse((await token('ls', '--json')).stdout)
  expect(tokens).toMatchObject([
    { name: 'ci', kind: 'robot', repositories: ['team/**'], expired: false },
    { name: 'laptop', kind: 'personal', user: 'alice', expired: false },
    { name: 'old', kind: 'robot', expired: true },
  ])
})

test('all of it works beside a server that runs', async () => {
  const server = await startServerForTest(await makeFolder(), {})
  const config = await writeMirrors({ data: server.data })
  const run = (input: string, ...args: string[]) => runFed(input, ...args, '--config', config)
  expect(await run('correct horse', 'user', 'add', 'alice')).toMatchObject({ code: 0, stderr: '' })
  const made = await run('', 'token', 'create', '--name', 'ci', '--may', 'pull')
  expect(made.code).toBe(0)
  const { keys: before } = await findToken(server.data, made.stdout.trim())
  expect(await run('', 'token', 'rotate-key')).toMatchObject({ code: 0, stderr: '' })
  const { keys } = await findToken(server.data, made.stdout.trim())
  expect(keys).toEqual([expect.anything(), ...before])
  expect(keys[0]?.secret).toMatch(/^[\w-]{43}$/)
  expect(await run('', 'token', 'revoke', 'ci')).toMatchObject({
    code: 0,
    stdout: 'ci is revoked\n',
  })
  expect((await findToken(server.data, made.stdout.trim())).record).toBeUndefined()
})

test('a running server takes up users and tokens, and their end', { timeout }, async () => {
  const server = await startServerForTest(await makeFolder(), {})
  const config = await writeMirrors({ data: server.data })
  const run = (input: string, ...args: string[]) => runFed(input, ...args, '--config', config)
  const push = async (user: string, password: string, repository = 'team/app') => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    const asked = { method: 'POST', headers: { authorization } }
    return (await ask(server, `/v2/${repository}/blobs/uploads/`, asked)).status
  }
  const until = (push: () => Promise<number>, status: number) =>
    vi.waitFor(async () => expect(await push()).toBe(status), { timeout: 10_000, interval: 200 })

  for (const name of ['alice', 'bob']) await run('correct horse', 'user', 'add', name)
  const made = await run(
    ...(['', 'token', 'create', '--name', 'ci', '--may', 'push'] as const),
    ...['--repositories', 'team/**'],
  )
  const token = made.stdout.trim()
  await until(() => push('alice', 'correct horse'), 202)
  await until(() => push('anybody', token), 202)
  expect(await push('anybody', token, 'other/app')).toBe(403)
  expect(await push('alice', 'correct house')).toBe(401)
  await run('', 'token', 'revoke', 'ci')
  await until(() => push('anybody', token), 401)
  await run('', 'user', 'rm', 'alice')
  await until(() => push('alice', 'correct horse'), 401)
  await until(() => push('bob', 'correct horse'), 202)
})
