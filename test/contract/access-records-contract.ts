import { describe, expect, test } from 'vitest'
import type { AccessRecords, NewToken } from '../../src/store/access-records.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = AccessRecords & { close(): Promise<void> }

export type AccessPlace = RecordsPlace<Store>

const robot: NewToken = {
  id: '0123456789ab',
  name: 'ci',
  kind: 'robot',
  user: undefined,
  secretHash: 'ab'.repeat(32),
  may: ['pull', 'push'],
  repositories: ['team/**', '{a,b}'],
  createdAt: 1000,
  expiresAt: 9000,
}
const laptop: NewToken = {
  ...robot,
  id: 'fedcba987654',
  name: 'alice-laptop',
  kind: 'personal',
  user: 'alice',
  may: undefined,
  repositories: undefined,
  expiresAt: undefined,
}
const session: NewToken = {
  ...laptop,
  id: '00000000000a',
  name: 'session-1',
  kind: 'session',
  expiresAt: 9000,
}

/** What every place of AccessRecords promises, whatever it keeps them in. */
export function testAccessRecords(makePlace: () => Promise<AccessPlace>): void {
  const records = openForEach(makePlace)

  const namesOf = async (kinds: Parameters<Store['listTokens']>[0]) =>
    (await records.store.listTokens(kinds)).map(({ name }) => name)

  describe('a token', () => {
    test('is found by its id as it was added, after a restart too', async () => {
      expect(await records.store.addToken(robot)).toBe(true)
      expect(await records.store.addToken(laptop)).toBe(true)
      await records.reopen()
      expect(await records.store.findToken(robot.id)).toEqual({ ...robot, lastUsedAt: undefined })
      expect(await records.store.findToken(laptop.id)).toEqual({ ...laptop, lastUsedAt: undefined })
      expect(await records.store.findToken('ffffffffffff')).toBeUndefined()
    })

    test('takes no name that another has, whatever its kind', async () => {
      await records.store.addToken(robot)
      expect(await records.store.addToken({ ...laptop, name: robot.name })).toBe(false)
      expect(await records.store.findToken(laptop.id)).toBeUndefined()
      expect(await records.store.findToken(robot.id)).toMatchObject({ kind: 'robot' })
    })

    test('with the id of another is an error', async () => {
      await records.store.addToken(robot)
      await expect(records.store.addToken({ ...laptop, id: robot.id })).rejects.toThrow()
    })

    test('is listed by name among those of its kind', async () => {
      for (const token of [robot, laptop, session]) await records.store.addToken(token)
      expect(await namesOf(['robot', 'personal'])).toEqual(['alice-laptop', 'ci'])
      expect(await namesOf(['session'])).toEqual(['session-1'])
      expect(await namesOf([])).toEqual([])
    })

    test('is removed by its name, once', async () => {
      await records.store.addToken(robot)
      await records.store.addToken(laptop)
      expect(await records.store.removeToken('ci')).toBe(true)
      expect(await records.store.removeToken('ci')).toBe(false)
      expect(await records.store.findToken(robot.id)).toBeUndefined()
      expect(await records.store.findToken(laptop.id)).toBeDefined()
    })

    test('goes with its user, a session too', async () => {
      for (const token of [robot, laptop, session]) await records.store.addToken(token)
      expect(await records.store.removeTokensOf('alice')).toBe(2)
      expect(await records.store.removeTokensOf('alice')).toBe(0)
      expect(await namesOf(['robot', 'personal', 'session'])).toEqual(['ci'])
    })

    test('that was made by hand stays when it ended, and a session goes', async () => {
      for (const token of [robot, laptop, session]) await records.store.addToken(token)
      expect(await records.store.removeEndedSessions(9000)).toBe(0)
      expect(await records.store.removeEndedSessions(9001)).toBe(1)
      expect(await namesOf(['robot', 'personal', 'session'])).toEqual(['alice-laptop', 'ci'])
    })

    test('remembers when it was used last; earlier uses and unknown ids change nothing', async () => {
      await records.store.addToken(robot)
      await records.store.addToken(laptop)
      const uses = (at: number) =>
        new Map([
          [robot.id, at],
          ['ffffffffffff', at],
        ])
      await records.store.noteTokenUses(uses(5000))
      await records.store.noteTokenUses(uses(4000))
      expect(await records.store.findToken(robot.id)).toMatchObject({ lastUsedAt: 5000 })
      await records.store.noteTokenUses(uses(6000))
      expect(await records.store.findToken(robot.id)).toMatchObject({ lastUsedAt: 6000 })
      expect(await records.store.findToken(laptop.id)).toMatchObject({ lastUsedAt: undefined })
      await records.store.noteTokenUses(new Map())
    })

    test('may be one of many that are used at once', async () => {
      const ids = Array.from({ length: 400 }, (_, index) => index.toString(16).padStart(12, '0'))
      for (const id of ids) await records.store.addToken({ ...robot, id, name: id })
      await records.store.noteTokenUses(new Map(ids.map((id, index) => [id, index])))
      expect(await records.store.findToken(ids[0] ?? '')).toMatchObject({ lastUsedAt: 0 })
      expect(await records.store.findToken(ids[399] ?? '')).toMatchObject({ lastUsedAt: 399 })
    })
  })

  describe('when users were there last', () => {
    test('is kept by name, later times win, and who is removed is forgotten', async () => {
      await records.store.noteUserLogins(
        new Map([
          ['alice', 5000],
          ['bob', 1000],
        ]),
      )
      await records.store.noteUserLogins(
        new Map([
          ['alice', 4000],
          ['bob', 2000],
        ]),
      )
      await records.store.noteUserLogins(new Map())
      await records.reopen()
      expect(await records.store.listUserLogins()).toEqual(
        new Map([
          ['alice', 5000],
          ['bob', 2000],
        ]),
      )
      await records.store.removeUserLogin('bob')
      await records.store.removeUserLogin('nobody')
      expect(await records.store.listUserLogins()).toEqual(new Map([['alice', 5000]]))
    })
  })

  describe('signing keys', () => {
    const key = (id: string, createdAt: number) => ({ id, secret: `secret of ${id}`, createdAt })

    test('are listed with the newest first', async () => {
      expect(await records.store.listSigningKeys()).toEqual([])
      await records.store.addSigningKey(key('b', 2000))
      await records.store.addSigningKey(key('a', 1000))
      await records.store.addSigningKey(key('c', 3000))
      const keys = [key('c', 3000), key('b', 2000), key('a', 1000)]
      expect(await records.store.listSigningKeys()).toEqual(keys)
    })

    test('are removed by age, but never the newest', async () => {
      for (const [index, id] of ['a', 'b', 'c'].entries())
        await records.store.addSigningKey(key(id, index * 1000))
      await records.store.removeSigningKeys(1000)
      expect(await records.store.listSigningKeys()).toEqual([key('c', 2000), key('b', 1000)])
      await records.store.removeSigningKeys(9000)
      expect(await records.store.listSigningKeys()).toEqual([key('c', 2000)])
    })
  })
}
