import { setImmediate as settle, setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import type { BlobPart } from '../../../src/upstream/blob-answer.ts'
import { BlobRelay } from '../../../src/upstream/blob-relay.ts'
import type { BlobTransfer } from '../../../src/upstream/blob-transfer.ts'
import { BufferRoom, pageBytes } from '../../../src/upstream/buffer-room.ts'
import { ConnectionCount } from '../../../src/upstream/connection-count.ts'
import type { KnownCount } from '../../../src/upstream/learned-count.ts'
import { LegPlaces } from '../../../src/upstream/leg-places.ts'
import { PiecePages } from '../../../src/upstream/piece-pages.ts'
import { leastPieceBytes as pieceBytes } from '../../../src/upstream/piece-size.ts'
import { Slots } from '../../../src/upstream/slots.ts'
import { UpstreamError } from '../../../src/upstream/upstream-error.ts'
import { Wants } from '../../../src/upstream/wants.ts'
import { makeBytes } from '../../support/image-builder.ts'

const sizeBytes = 10 * pieceBytes + 12_345
const blob = makeBytes('relay', sizeBytes)
const chunkBytes = 65_536
const refused = new UpstreamError(dockerHub, 'limited', 'limits us')

type Part = BlobPart & { readonly isAhead: boolean }

let slots: Slots
let room: BufferRoom
let roomBytes: number
let wants: Wants
let leaving: AbortController
let opened: Part[]
let open: number
let most: number
let ends: number
let learned: KnownCount[]
/** What becomes of a piece: how many bytes of it come before it breaks, or that all does. */
let fate: (part: Part) => number
/** Whether an open-ended answer sends nothing for now. */
let held: Promise<void>

beforeEach(() => {
  slots = new Slots(16)
  haveRoom(8 * pieceBytes)
  wants = new Wants(() => performance.now())
  leaving = new AbortController()
  opened = []
  open = 0
  most = 0
  ends = 0
  learned = []
  fate = () => Number.POSITIVE_INFINITY
  held = Promise.resolve()
})

function haveRoom(bytes: number): void {
  roomBytes = bytes
  room = new BufferRoom(bytes)
}

/** An answer to a part. Each chunk takes a turn of the event loop, and so all come on alike. */
function answer(part: Part): BlobTransfer {
  opened.push(part)
  most = Math.max(most, ++open)
  let isOpen = true
  const destroy = () => {
    if (isOpen) open--
    isOpen = false
  }
  async function* chunks() {
    const end = Math.min((part.end ?? sizeBytes - 1) + 1, part.start + fate(part))
    for (let at = part.start; at < end; at += chunkBytes) {
      await settle()
      if (part.end === undefined) await held
      if (!isOpen) throw new UpstreamError(dockerHub, 'unavailable', 'was ended')
      yield blob.subarray(at, Math.min(at + chunkBytes, end))
    }
    destroy()
    if (end <= (part.end ?? sizeBytes - 1)) throw refused
  }
  return { sizeBytes, isRanged: true, chunks: chunks(), destroy }
}

type Beginning = {
  readonly connections: number
  readonly start?: number
  readonly isInPieces?: boolean
}

async function begin({
  connections,
  start = 0,
  isInPieces = false,
}: Beginning): Promise<BlobRelay> {
  const leave = await slots.enter(new AbortController().signal)
  const end = start + pieceBytes - 1
  const first = isInPieces ? { start, end, isAhead: false } : { start, isAhead: false }
  const piece = isInPieces ? { piece: { end, leaveRoom: room.tryTake(pieceBytes)! } } : {}
  const transfer = answer(first)
  return new BlobRelay(
    { sizeBytes, transfer, ...piece },
    {
      upstream: dockerHub,
      start,
      open: async (part, { isAhead }) => {
        await settle()
        const piece = { ...part, isAhead }
        if (fate(piece) === 0) throw refused
        return answer(piece)
      },
      goOn: (part, { isAhead }) => answer({ ...part, isAhead }),
      count: new ConnectionCount({
        most: 6,
        findKnown: () => ({ connections, isFinal: true }),
        onLearned: (known) => void learned.push(known),
      }),
      places: new LegPlaces(slots, room, wants),
      pages: new PiecePages(room),
      countBlobs: () => slots.underWay,
      tally: { receivedBytes: 0 },
      elapsedMs: () => performance.now(),
      signal: leaving.signal,
      onEnd: () => {
        ends++
        leave()
      },
    },
  )
}

/** Reads as somebody does who writes it to a file: of what it has got it needs the last for a moment. */
async function finish(relay: BlobRelay, start = 0): Promise<Buffer> {
  const held: Uint8Array[] = []
  const received: Buffer[] = []
  let position = start
  const take = (chunk: Uint8Array | undefined) => {
    if (!chunk) return
    received.push(Buffer.from(chunk))
    position += chunk.length
    relay.release(position)
  }
  try {
    for await (const chunk of relay.chunks) if (held.push(chunk) > 3) take(held.shift())
  } finally {
    relay.destroy()
    held.forEach(take)
  }
  return Buffer.concat(received)
}

function hasRoom(bytes: number): boolean {
  const leave = room.tryTake(bytes)
  leave?.()
  return leave !== undefined
}

/** Nothing is held any more. */
async function expectAllFree(): Promise<void> {
  await settle()
  await settle()
  expect(open).toBe(0)
  expect(slots).toMatchObject({ underWay: 0, waiting: 0, areAllTaken: false })
  expect(hasRoom(roomBytes)).toBe(true)
  expect(ends).toBe(1)
}

describe('a blob', () => {
  test.each([
    { connections: 1 },
    { connections: 2 },
    { connections: 6 },
    { connections: 6, start: 1_234_567 },
    { connections: 6, isInPieces: true },
    { connections: 3, isInPieces: true, start: 1_234_567 },
  ])('comes in order and once, by %o', async (beginning) => {
    const received = await finish(await begin(beginning), beginning.start)
    expect(received.equals(blob.subarray(beginning.start ?? 0))).toBe(true)
    expect(most).toBe(beginning.connections)
    await expectAllFree()
  })

  test('that needs no more is one open-ended answer', async () => {
    await finish(await begin({ connections: 1 }))
    expect(opened).toEqual([{ start: 0, isAhead: false }])
  })

  test('that is begun in pieces is asked for once, each byte', async () => {
    await finish(await begin({ connections: 4, isInPieces: true }))
    const starts = opened.map(({ start }) => start)
    expect(starts).toEqual(Array.from({ length: 11 }, (_, piece) => piece * pieceBytes))
    expect(opened.at(-1)?.end).toBe(sizeBytes - 1)
  })
})

describe('a piece ahead', () => {
  const third = 3 * pieceBytes

  test('that is refused leaves an open-ended answer as it is, to the end', async () => {
    fate = ({ isAhead }) => (isAhead ? 0 : Number.POSITIVE_INFINITY)
    expect((await finish(await begin({ connections: 4 }))).equals(blob)).toBe(true)
    expect(opened).toEqual([{ start: 0, isAhead: false }])
    expect(learned).toEqual([{ connections: 1, isFinal: true }])
    await expectAllFree()
  })

  test.each([0, 1_000_000])(
    'that breaks after %i bytes is fetched again by its reader',
    async (bytes) => {
      fate = ({ start, isAhead }) => (isAhead && start === third ? bytes : Number.POSITIVE_INFINITY)
      expect((await finish(await begin({ connections: 3, isInPieces: true }))).equals(blob)).toBe(
        true,
      )
      expect(learned).toEqual([{ connections: 1, isFinal: true }])
      expect(opened.filter(({ end }) => end === undefined)).toHaveLength(1)
      await expectAllFree()
    },
  )

  test('that breaks while it is read is gone on with where it broke', async () => {
    fate = ({ start }) => (start === 0 ? 1_000_000 : Number.POSITIVE_INFINITY)
    expect((await finish(await begin({ connections: 2, isInPieces: true }))).equals(blob)).toBe(
      true,
    )
    expect(opened.at(-1)).toEqual({ start: 1_000_000, isAhead: false })
    await expectAllFree()
  })
})

describe('others come first', () => {
  test('no more connections are used than there are slots', async () => {
    slots = new Slots(3)
    expect((await finish(await begin({ connections: 6 }))).equals(blob)).toBe(true)
    expect(most).toBe(3)
  })

  test('a blob that waits gets the next slot, and nothing is begun before it', async () => {
    slots = new Slots(3)
    const relay = await begin({ connections: 3, isInPieces: true })
    const waiting = slots.enter(new AbortController().signal)
    const waitingToo = slots.enter(new AbortController().signal)
    await settle()
    const openedBefore = opened.length
    const finishing = finish(relay)
    const leaves = await Promise.all([waiting, waitingToo])
    expect(opened.length).toBeLessThanOrEqual(openedBefore + 1)
    expect((await finishing).equals(blob)).toBe(true)
    for (const leave of leaves) leave()
    await expectAllFree()
  })

  test('a blob that is let in beside one that has all slots soon has as many', async () => {
    slots = new Slots(6)
    const first = await begin({ connections: 6 })
    let hasEnded = false
    const ended = finish(first).then(() => {
      hasEnded = true
    })
    const second = await begin({ connections: 6 })
    let received = 0
    for await (const chunk of second.chunks) {
      if (!hasEnded) received += chunk.length
      second.release(received)
    }
    second.destroy()
    await ended
    // With one connection beside five it would have got a tenth.
    expect(received).toBeGreaterThan(sizeBytes / 3)
  })

  test.each([1, 2])('nobody waits for a blob that was broken off, with %i slots', async (count) => {
    slots = new Slots(count)
    const relay = await begin({ connections: 6 })
    await relay.chunks[Symbol.asyncIterator]().next()
    expect(wants.areOthers({})).toBe(true)
    relay.destroy()
    expect(wants.areOthers({})).toBe(false)
    await expectAllFree()
  })

  test('nobody waits for a blob that has got what it wanted', async () => {
    slots = new Slots(2)
    const leave = await slots.enter(new AbortController().signal)
    const relay = await begin({ connections: 2 })
    const chunks = relay.chunks[Symbol.asyncIterator]()
    await chunks.next()
    expect(wants.areOthers({})).toBe(true)
    leave()
    await chunks.next()
    expect(wants.areOthers({})).toBe(false)
    relay.destroy()
    await expectAllFree()
  })

  test('without memory there is one connection', async () => {
    room = new BufferRoom(0)
    expect((await finish(await begin({ connections: 6 }))).equals(blob)).toBe(true)
    expect(opened).toEqual([{ start: 0, isAhead: false }])
  })
})

describe('a reader', () => {
  test('that releases what it has got lets the memory be used again', async () => {
    const takePage = vi.spyOn(room, 'takePage')
    await finish(await begin({ connections: 4, isInPieces: true }))
    const pages = new Set(takePage.mock.results.map(({ value }) => value.buffer))
    expect(takePage.mock.calls.length).toBeGreaterThanOrEqual(sizeBytes / pageBytes)
    expect(pages.size).toBeLessThan(takePage.mock.calls.length / 1.5)
    for (const page of pages) expect(page.detached).toBe(true)
  })

  test('that takes nothing gets no more gathered than there is room for', async () => {
    haveRoom(4 * pieceBytes)
    const relay = await begin({ connections: 6 })
    await vi.waitFor(() => expect({ opened: opened.length, open }).toEqual({ opened: 5, open: 1 }))
    expect(hasRoom(1)).toBe(false)
    await sleep(50)
    expect(opened).toHaveLength(5)
    expect((await finish(relay)).equals(blob)).toBe(true)
    await expectAllFree()
  })

  test('that takes nothing gets no more gathered than may be lost', async () => {
    const relay = await begin({ connections: 6, isInPieces: true })
    await vi.waitFor(() => expect({ opened: opened.length, open }).toEqual({ opened: 5, open: 0 }))
    await sleep(50)
    expect(opened).toHaveLength(5)
    expect((await finish(relay)).equals(blob)).toBe(true)
    await expectAllFree()
  })

  test.each(['destroy', 'signal'])(
    'that leaves in the middle frees everything (%s)',
    async (how) => {
      const relay = await begin({ connections: 6, isInPieces: true })
      const chunks = relay.chunks[Symbol.asyncIterator]()
      // The sixth begins where half of the first has been read.
      for (let bytes = 0; bytes <= pieceBytes / 2; bytes += chunkBytes) await chunks.next()
      await settle()
      await settle()
      expect(most).toBe(6)
      if (how === 'destroy') relay.destroy()
      else leaving.abort()
      await expectAllFree()
      await expect(chunks.next()).rejects.toThrow(UpstreamError)
    },
  )

  test('that waits hears at once of the end', async () => {
    const gate = Promise.withResolvers<void>()
    held = gate.promise
    const relay = await begin({ connections: 1 })
    const finishing = expect(finish(relay)).rejects.toThrow(UpstreamError)
    relay.destroy()
    gate.resolve()
    await finishing
    await expectAllFree()
  })
})
