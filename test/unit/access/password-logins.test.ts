import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LoginNotes } from '../../../src/access/login-notes.ts'
import { PasswordFile } from '../../../src/access/password-file.ts'
import { hashPassword } from '../../../src/access/password-hash.ts'
import { PasswordLogins } from '../../../src/access/password-logins.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const asker = { address: '192.0.2.1', network: '192.0.2.1' }

const open = async () => {
  const directory = await makeTemporaryDirectory()
  onTestFinished(() => directory.remove())
  const passwords = await PasswordFile.open(directory.path, { onProblem() {} })
  const records = { noteTokenUses: async () => {}, noteUserLogins: async () => {} }
  const notes = new LoginNotes({ records, now: Date.now, onEvent() {}, onError() {} })
  onTestFinished(() => notes.close())
  const logins = new PasswordLogins({ passwords, notes, now: Date.now })
  return { logins, passwords, file: join(directory.path, 'htpasswd') }
}

test('a user who is taken up while the password is checked can log in, then and later', async () => {
  const { logins, passwords, file } = await open()
  const hash = await hashPassword('correct horse')
  const first = logins.check('alice', 'correct horse', asker)
  // By the look of each second, before the check asks for one: which finds nothing new then.
  await writeFile(file, `alice:${hash}\n`)
  await passwords.refresh()
  expect(await first).toBe(hash)
  expect(await logins.check('alice', 'correct horse', asker)).toBe(hash)
})

test('what was wrong for a hash may be right for the next one', async () => {
  const { logins, passwords, file } = await open()
  await writeFile(file, `alice:${await hashPassword('correct horse')}\n`)
  await passwords.refresh()
  await expect(logins.check('alice', 'battery staple', asker)).rejects.toThrow(/wrong/)
  const hash = await hashPassword('battery staple')
  await writeFile(file, `alice:${hash}\n`)
  await passwords.refresh()
  expect(await logins.check('alice', 'battery staple', asker)).toBe(hash)
})
