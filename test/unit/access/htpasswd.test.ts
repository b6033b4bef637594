import { describe, expect, test } from 'vitest'
import { parseHtpasswd, withoutUser, withUser } from '../../../src/access/htpasswd.ts'
import { nobodysHash } from '../../../src/access/password-hash.ts'

/** As `htpasswd -B` writes it. */
const apache = nobodysHash.replace('$2b$', '$2y$')

describe('the users of a htpasswd file', () => {
  test('are its lines, without comments, blank lines and what stands behind the hash', () => {
    const text = `# ours\n\nalice:${nobodysHash}\r\n  bob:${apache}:Bob, B.\n#carol:${apache}`
    const { users, problems } = parseHtpasswd(text)
    expect([...users]).toEqual([
      ['alice', nobodysHash],
      ['bob', apache],
    ])
    expect(problems).toEqual([])
  })

  test('are nobody where the file is empty', () => {
    expect(parseHtpasswd('')).toEqual({ users: new Map(), problems: [] })
  })

  test('have the password of their first line', () => {
    const { users, problems } = parseHtpasswd(`alice:${apache}\nalice:${nobodysHash}\n`)
    expect(users.get('alice')).toBe(apache)
    const what = 'the name stands there already, and the first counts'
    expect(problems).toEqual([{ line: 2, user: 'alice', what }])
  })

  test.each([
    ['MD5 of Apache', '$apr1$abc$def', 'MD5 (apr1)'],
    ['SHA-1', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'SHA-1'],
    ['crypt(3)', '$6$abc$def', 'of crypt(3)'],
    ['bcrypt cut short', nobodysHash.slice(0, -1), 'bcrypt, cut short'],
    ['bcrypt that takes minutes', nobodysHash.replace('$10$', '$20$'), 'of a cost above 16'],
    ['a password in the clear', 'secret-of-alice', 'of an unknown kind'],
    ['nothing', '', 'missing'],
  ])('are there with %s too, which is told and not shown', (_, hash, says) => {
    const { users, problems } = parseHtpasswd(`\nalice:${hash}\n`)
    expect([...users.keys()]).toEqual(['alice'])
    expect(problems).toEqual([{ line: 2, user: 'alice', what: expect.stringContaining(says) }])
    expect(hash === '' || !problems[0]?.what.includes(hash)).toBe(true)
  })

  test.each(['operator', 'anonymous', 'users', 'two words', '', '-x', 'é', 'a'.repeat(65)])(
    'are not %j',
    (name) => {
      const { users, problems } = parseHtpasswd(`${name}:${nobodysHash}\n`)
      expect(users.size).toBe(0)
      expect(problems).toHaveLength(1)
    },
  )

  test('are not what has no colon', () => {
    expect(parseHtpasswd('alice\n').problems).toEqual([
      { line: 1, user: undefined, what: 'it has no colon: wanted is NAME:HASH' },
    ])
  })

  test('are at most 10,000', () => {
    const text = (count: number) =>
      Array.from({ length: count }, (_, index) => `u${index}:${nobodysHash}\n`).join('')
    expect(parseHtpasswd(text(10_000)).users.size).toBe(10_000)
    expect(() => parseHtpasswd(text(10_001))).toThrow('more than 10000 users')
  })
})

describe('an edited htpasswd file', () => {
  const text = '# ours\n\nalice:a\nbob:b\n'

  test('has one more line for a new user', () => {
    expect(withUser(text, 'carol', 'c')).toBe(`${text}carol:c\n`)
    expect(withUser('', 'carol', 'c')).toBe('carol:c\n')
    expect(withUser('alice:a', 'carol', 'c')).toBe('alice:a\ncarol:c\n')
  })

  test('has another hash in the line that counts', () => {
    expect(withUser(`${text}alice:z\n`, 'alice', 'new')).toBe(
      '# ours\n\nalice:new\nbob:b\nalice:z\n',
    )
  })

  test('has no line of a removed user, and all others as they were', () => {
    expect(withoutUser(`${text}alice:z\n`, 'alice')).toBe('# ours\n\nbob:b\n')
    expect(withoutUser(text, 'carol')).toBe(text)
    expect(withoutUser(text, '# ours')).toBe(text)
  })
})
