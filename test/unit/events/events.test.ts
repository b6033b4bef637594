import { describe, expect, test } from 'vitest'
import type { Event, NewEvent } from '../../../src/events/any-events.ts'
import { eventKinds } from '../../../src/events/event-data.ts'
import { Events } from '../../../src/events/events.ts'
import { StreamPlaces } from '../../../src/events/stream-places.ts'
import type { UpstreamName } from '../../../src/oci/upstream-name.ts'

const switched: NewEvent = { kind: 'offline', data: { offline: true } }
const serving: NewEvent = { kind: 'serving', data: { transfers: [] } }
const ofUrl = (url: string): NewEvent => {
  return { kind: 'upstream-up', data: { upstream: 'quay.io' as UpstreamName, url } }
}

const start = () => {
  const events = new Events(() => 1_000)
  const open = (after?: string) => events.open({ client: 'me', kinds: eventKinds, after })
  const kindsAfter = async (after?: string) => {
    const stream = await open(after)
    const told = await stream.next()
    stream.close()
    return told?.map(({ kind }) => kind)
  }
  return { events, open, kindsAfter }
}

const numberOf = (event: Event | undefined) => Number(event?.id.split('-')[1])

describe('a stream', () => {
  test('has only the kinds that were asked for', async () => {
    const { events } = start()
    const stream = await events.open({ client: 'me', kinds: ['offline'], after: undefined })
    events.emit(serving)
    events.emit(switched)
    expect((await stream.next())?.map(({ kind }) => kind)).toEqual(['offline'])
  })

  test('ends for whoever waits, when it is closed and when the server stops', async () => {
    const { events, open } = start()
    const [closed, stopped] = [await open(), await open()]
    const waiting = [closed.next(), stopped.next()]
    closed.close()
    events.close()
    expect(await Promise.all(waiting)).toEqual([undefined, undefined])
    expect(await (await open()).next()).toBeUndefined()
  })

  test('that nobody reads ends at 256 KiB, and no other with it', async () => {
    const { events, open } = start()
    const [unread, read] = [await open(), await open()]
    let isEnded = false
    void unread.ended.then(() => {
      isEnded = true
    })
    for (let index = 0; index < 30; index++) {
      expect(isEnded).toBe(index > 26)
      events.emit(ofUrl('x'.repeat(9_700)))
      expect(await read.next()).toHaveLength(1)
    }
    expect(await unread.next()).toBeUndefined()
  })
})

describe('who comes back', () => {
  test('gets what came since then, and nothing that is over', async () => {
    const { events, open, kindsAfter } = start()
    const stream = await open()
    for (const event of [switched, serving, ofUrl('a'), serving]) events.emit(event)
    const [first, , second] = (await stream.next()) ?? []
    expect(await kindsAfter(first?.id)).toEqual(['upstream-up'])
    events.emit(switched)
    expect(await kindsAfter(second?.id)).toEqual(['offline'])
  })

  test.each(['', 'x', '-', 'x-1', `${'0'.repeat(40)}-1`])(
    'with an id that is none of this run (%j) is told that he missed something',
    async (id) => {
      const { events, kindsAfter } = start()
      events.emit(switched)
      expect(await kindsAfter(id)).toEqual(['missed', 'offline'])
    },
  )

  test('after more than a thousand events is told that he missed some, and gets the last thousand', async () => {
    const { events, open } = start()
    const stream = await open()
    events.emit(switched)
    const [first] = (await stream.next()) ?? []
    stream.close()
    for (let index = 0; index < 1_000; index++) events.emit(switched)
    const whole = (await (await open(first?.id)).next()) ?? []
    expect(whole.map(numberOf)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 2))
    events.emit(switched)
    const [missed, ...rest] = (await (await open(first?.id)).next()) ?? []
    expect(missed?.kind).toBe('missed')
    expect([rest.length, numberOf(rest[0]), numberOf(rest.at(-1))]).toEqual([1_000, 3, 1_002])
  })
})

test('there are a hundred streams at most, ten of one client, and places are given back', () => {
  const places = new StreamPlaces()
  const taken = Array.from({ length: 100 }, (_, index) => places.take(`client ${index % 10}`))
  const refusals = ['client 1', 'another'].map((client) => {
    try {
      return places.take(client)
    } catch (error) {
      return error
    }
  })
  expect(refusals).toMatchObject([{ status: 429 }, { status: 503 }])
  taken[1]?.()
  places.take('another')
  expect(() => places.take('client 1')).toThrow(/100 streams/)
})
