import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hashPassword } from '../../../src/access/password-hash.ts'
import { openStores } from '../../../src/store/open-stores.ts'
import { runCommand } from '../../support/run-command.ts'
import { writeConfig } from '../../support/start-server.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { addToken } from './callers.ts'

const rules = [
  { who: 'devs', repositories: 'team/**', may: ['pull', 'push'] },
  { who: 'users', repositories: '**', may: 'pull' },
]

test('access tells who may what, and why', async () => {
  const directory = await makeTemporaryDirectory()
  onTestFinished(() => directory.remove())
  const data = join(directory.path, 'data')
  await mkdir(data)
  const access = { anonymous: 'none', groups: { devs: ['alice'] }, rules }
  await writeConfig(directory.path, { access })
  await writeFile(join(data, 'htpasswd'), `alice:${await hashPassword('wonderland')}\n`)
  const callbacks = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }
  const stores = await openStores(data, callbacks)
  await addToken(stores.access, { name: 'ci', may: ['push'], repositories: ['team/**'] })
  await stores.close()

  const config = join(directory.path, 'mirrors.yaml')
  const explain = (...asked: readonly string[]) =>
    runCommand('access', ...asked, '--config', config)
  expect(await explain('alice', 'team/app', 'push')).toMatchObject({
    code: 0,
    stdout: 'alice may push team/app: the rule for devs with team/** allows it\n',
  })
  expect(await explain('alice', 'quay.io/team/app', 'push')).toMatchObject({
    code: 1,
    stdout: 'alice may not push quay.io/team/app: what is mirrored is only pulled\n',
  })
  expect(await explain('alice', 'docker.io/library/node', 'pull')).toMatchObject({
    code: 0,
    stdout: 'alice may pull docker.io/library/node: the rule for users with ** allows it\n',
  })
  expect(await explain('anonymous', 'quay.io/team/app', 'pull')).toMatchObject({
    code: 1,
    stdout:
      'anonymous may not pull quay.io/team/app: no rule under access.rules in mirrors.yaml allows it\n',
  })
  expect(await explain('ci', 'team/app', 'push', '--json')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('"because": "the token ci was made for that"'),
  })
  expect(await explain('bob', '**', 'admin')).toMatchObject({
    code: 1,
    stdout: 'bob may not admin everything: no rule under access.rules in mirrors.yaml allows it\n',
    stderr: expect.stringContaining('there is no user or token "bob"'),
  })
  expect(await explain('alice', 'team/app', 'read')).toMatchObject({ code: 2 })
})
