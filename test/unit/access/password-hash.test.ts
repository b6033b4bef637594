import { expect, test } from 'vitest'
import {
  checkPassword,
  hashPassword,
  isBcrypt,
  nobodysHash,
  refusePassword,
} from '../../../src/access/password-hash.ts'

/** Of `htpasswd -nbBC 4 alice secret-of-alice`. */
const apache = '$2y$04$g5sIXNTS11oYsOHrcfbj/eCnAce.A5VGfvV2Yhz84fAqAeEssx.BO'

test('a password is right for its own hash, and no other', async () => {
  const hash = await hashPassword('correct horse')
  expect(hash).toMatch(/^\$2b\$10\$/)
  expect(isBcrypt(hash)).toBe(true)
  expect(await checkPassword('correct horse', hash)).toBe(true)
  expect(await checkPassword('correct horsf', hash)).toBe(false)
  expect(await checkPassword('correct horse', nobodysHash)).toBe(false)
  expect(await hashPassword('correct horse')).not.toBe(hash)
})

test.each(['2y', '2b', '2a'])('a hash may be of %s', async (version) => {
  const hash = apache.replace('2y', version)
  expect(await checkPassword('secret-of-alice', hash)).toBe(true)
  expect(await checkPassword('secret-of-bob', hash)).toBe(false)
})

test.each(['', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'secret-of-alice', apache.slice(0, -1)])(
  'no password is right for %j',
  async (hash) => {
    expect(isBcrypt(hash)).toBe(false)
    expect(await checkPassword('secret-of-alice', hash)).toBe(false)
  },
)

test('the hash of nobody is as costly as that of a user', async () => {
  expect(nobodysHash.slice(0, 7)).toBe((await hashPassword('12345678')).slice(0, 7))
})

test.each([
  ['seven characters', '1234567', 'the password has 7 characters: at least 8 are wanted'],
  ['few characters of many bytes', '🔑🔑🔑', 'the password has 3 characters'],
  ['more than bcrypt reads', 'a'.repeat(73), 'the password has 73 bytes: at most 72 are wanted'],
  ['more bytes than bcrypt reads', 'é'.repeat(37), 'the password has 74 bytes'],
  ['a control character', 'abcd\u0000efgh', 'control character'],
  ['what an arrow key sends', 'abcdefgh\u001b[A', 'control character'],
])('%s is refused as a new password', (_, text, says) => {
  expect(refusePassword(text)).toContain(says)
})

test.each(['12345678', 'a'.repeat(72), 'é'.repeat(36), 'eight ch', 'pass:word'])(
  '%j is taken as a new password',
  (text) => {
    expect(refusePassword(text)).toBeUndefined()
  },
)
