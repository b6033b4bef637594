import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AccessRecords, NewToken } from '../../src/store/access-records.ts'

type Store = AccessRecords & { close(): Promise<void> }

export type AccessPlace = { open(): Promise<Store>; remove(): Promise<void> }

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
  let place: AccessPlace
  let store: Store

  beforeEach(async () => {
    place = await makePlace()
    store = await place.open()
  })
  afterEach(async () => {
    await store.close()
    await place.remove()
  })

  const namesOf = async (kinds: Parameters<Store['listTokens']>[0]) =>
    (await store.listTokens(kinds)).map(({ name }) => name)

  describe('a token', () => {
    test('is found by its id as it was added, after a restart too', async () => {
      expect(await store.addToken(robot)).toBe(true)
      expect(await store.addToken(laptop)).toBe(true)
      await store.close()
      store = await place.open()
      expect(await store.findToken(robot.id)).toEqual({ ...robot, lastUsedAt: undefined })
      expect(await store.findToken(laptop.id)).toEqual({ ...laptop, lastUsedAt: undefined })
      expect(await store.findToken('ffffffffffff')).toBeUndefined()
    })

    test('takes no name that another has, whatever its kind', async () => {
      await store.addToken(robot)
      expect(await store.addToken({ ...laptop, name: robot.name })).toBe(false)
      expect(await store.findToken(laptop.id)).toBeUndefined()
      expect(await store.findToken(robot.id)).toMatchObject({ kind: 'robot' })
    })

    test('with the id of another is an error', async () => {
      await store.addToken(robot)
      await expect(store.addToken({ ...laptop, id: robot.id })).rejects.toThrow()
    })

    test('is listed by name among those of its kind', async () => {
      for (const token of [robot, laptop, session]) await store.addToken(token)
      expect(await namesOf(['robot', 'personal'])).toEqual(['alice-laptop', 'ci'])
      expect(await namesOf(['session'])).toEqual(['session-1'])
      expect(await namesOf([])).toEqual([])
    })

    test('is removed by its name, once', async () => {
      await store.addToken(robot)
      await store.addToken(laptop)
      expect(await store.removeToken('ci')).toBe(true)
      expect(await store.removeToken('ci')).toBe(false)
      expect(await store.findToken(robot.id)).toBeUndefined()
      expect(await store.findToken(laptop.id)).toBeDefined()
    })

    test('goes with its user, a session too', async () => {
      for (const token of [robot, laptop, session]) await store.addToken(token)
      expect(await store.removeTokensOf('alice')).toBe(2)
      expect(await store.removeTokensOf('alice')).toBe(0)
      expect(await namesOf(['robot', 'personal', 'session'])).toEqual(['ci'])
    })

    test('that was made by hand stays when it ended, and a session goes', async () => {
      for (const token of [robot, laptop, session]) await store.addToken(token)
      expect(await store.removeEndedSessions(9000)).toBe(0)
      expect(await store.removeEndedSessions(9001)).toBe(1)
      expect(await namesOf(['robot', 'personal', 'session'])).toEqual(['alice-laptop', 'ci'])
    })

    test('remembers when it was used last; earlier uses and unknown ids change nothing', async () => {
      await store.addToken(robot)
      await store.addToken(laptop)
      const uses = (at: number) =>
        new Map([
          [robot.id, at],
          ['ffffffffffff', at],
        ])
      await store.noteTokenUses(uses(5000))
      await store.noteTokenUses(uses(4000))
      expect(await store.findToken(robot.id)).toMatchObject({ lastUsedAt: 5000 })
      await store.noteTokenUses(uses(6000))
      expect(await store.findToken(robot.id)).toMatchObject({ lastUsedAt: 6000 })
      expect(await store.findToken(laptop.id)).toMatchObject({ lastUsedAt: undefined })
      await store.noteTokenUses(new Map())
    })

    test('may be one of many that are used at once', async () => {
      const ids = Array.from({ length: 400 }, (_, index) => index.toString(16).padStart(12, '0'))
      for (const id of ids) await store.addToken({ ...robot, id, name: id })
      await store.noteTokenUses(new Map(ids.map((id, index) => [id, index])))
      expect(await store.findToken(ids[0] ?? '')).toMatchObject({ lastUsedAt: 0 })
      expect(await store.findToken(ids[399] ?? '')).toMatchObject({ lastUsedAt: 399 })
    })
  })

  describe('signing keys', () => {
    const key = (id: string, createdAt: number) => ({ id, secret: `secret of ${id}`, createdAt })

    test('are listed with the newest first', async () => {
      expect(await store.listSigningKeys()).toEqual([])
      await store.addSigningKey(key('b', 2000))
      await store.addSigningKey(key('a', 1000))
      await store.addSigningKey(key('c', 3000))
      const keys = [key('c', 3000), key('b', 2000), key('a', 1000)]
      expect(await store.listSigningKeys()).toEqual(keys)
    })

    test('are removed by age, but never the newest', async () => {
      for (const [index, id] of ['a', 'b', 'c'].entries())
        await store.addSigningKey(key(id, index * 1000))
      await store.removeSigningKeys(1000)
      expect(await store.listSigningKeys()).toEqual([key('c', 2000), key('b', 1000)])
      await store.removeSigningKeys(9000)
      expect(await store.listSigningKeys()).toEqual([key('c', 2000)])
    })
  })
}
