import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import type { BlobAnswer, BlobPart } from '../../../src/upstream/blob-answer.ts'
import type { BlobTransfer, Opening } from '../../../src/upstream/blob-transfer.ts'
import { openTransfer } from '../../../src/upstream/resuming-transfer.ts'
import { UpstreamError } from '../../../src/upstream/upstream-error.ts'
import { makeBytes } from '../../support/image-builder.ts'

const blob = makeBytes('transfer', 500_000)
const pieceBytes = 50_000
const broken = new UpstreamError(dockerHub, 'unavailable', 'broke the connection')
const wrong = new UpstreamError(dockerHub, 'invalid', 'changed it')
const gone = new UpstreamError(dockerHub, 'not-found', "doesn't have it (404)")

/** What a connection does with what is asked of it; a test gives one for each, the last for the rest. */
type Behaviour = {
  readonly refusal?: UpstreamError
  /** Bytes after which it breaks. */
  readonly breaksAfter?: number
  /** Bytes after which it ends, as though that were all. */
  readonly endsAfter?: number
  readonly isUnranged?: boolean
  readonly isSizeUnknown?: boolean
}

let behaviours: Behaviour[]
type Opened = Pick<Opening, 'turn' | 'sizeBytes' | 'isKnown'> & { readonly part: BlobPart }

let opened: Opened[]
let leaving: AbortController
let now: number
let ends: number
let destroyed: number

beforeEach(() => {
  behaviours = [{}]
  opened = []
  leaving = new AbortController()
  now = 0
  ends = 0
  destroyed = 0
})

async function open(part: BlobPart, { turn, sizeBytes, isKnown }: Opening): Promise<BlobAnswer> {
  const behaviour = behaviours[Math.min(opened.length, behaviours.length - 1)] ?? {}
  opened.push({ part, turn, sizeBytes, isKnown })
  if (behaviour.refusal) throw behaviour.refusal
  const start = behaviour.isUnranged ? 0 : part.start
  const destroy = () => void destroyed++
  const size = behaviour.isSizeUnknown ? undefined : blob.length
  const isPart = !behaviour.isUnranged && (part.start > 0 || part.end !== undefined)
  return { sizeBytes: size, start, isPart, chunks: send(start, part, behaviour), destroy }
}

async function* send(start: number, { end }: BlobPart, behaviour: Behaviour) {
  const { breaksAfter = Infinity, endsAfter = Infinity } = behaviour
  const wantedEnd = (end ?? blob.length - 1) + 1
  const stop = Math.min(wantedEnd, start + Math.min(breaksAfter, endsAfter))
  for (let at = start; at < stop; at += pieceBytes) {
    yield blob.subarray(at, Math.min(at + pieceBytes, stop))
  }
  if (stop < wantedEnd && breaksAfter < Infinity) throw broken
}

function begin(part: BlobPart = { start: 0 }, turn = 0): Promise<BlobTransfer> {
  return openTransfer({
    upstream: dockerHub,
    open,
    part,
    turn,
    patienceMs: 60_000,
    elapsedMs: () => now,
    signal: leaving.signal,
    onEnd: () => void ends++,
  })
}

async function finish({ chunks, destroy }: BlobTransfer): Promise<Buffer> {
  const received: Uint8Array[] = []
  try {
    for await (const chunk of chunks) received.push(chunk)
  } finally {
    destroy()
  }
  return Buffer.concat(received)
}

const startsOf = () => opened.map(({ part }) => part.start)

describe('a transfer that goes well', () => {
  test('takes one connection', async () => {
    const transfer = await begin()
    expect(transfer).toMatchObject({ sizeBytes: blob.length, isRanged: true })
    expect((await finish(transfer)).equals(blob)).toBe(true)
    expect(opened).toHaveLength(1)
    expect(ends).toBe(1)
  })

  test.each([
    ['a part', { start: 1_000, end: 70_000 }, [1_000]],
    ['the rest, of which the byte before is asked again', { start: 300_000 }, [299_999]],
    ['nothing but the end', { start: blob.length }, [blob.length - 1]],
  ])('gives %s', async (_rule, part: BlobPart, starts) => {
    const received = await finish(await begin(part))
    expect(received.equals(blob.subarray(part.start, (part.end ?? blob.length) + 1))).toBe(true)
    expect(startsOf()).toEqual(starts)
  })

  test('drops what comes before the part where upstream serves no parts', async () => {
    behaviours = [{ isUnranged: true }]
    const transfer = await begin({ start: 300_000 })
    expect(transfer.isRanged).toBe(false)
    expect((await finish(transfer)).equals(blob.subarray(300_000))).toBe(true)
  })
})

describe('a transfer that breaks', () => {
  test('goes on from where it was, and knows how much there is to be', async () => {
    behaviours = [{ breaksAfter: 200_000 }, {}]
    expect((await finish(await begin())).equals(blob)).toBe(true)
    expect(startsOf()).toEqual([0, 199_999])
    expect(opened.map(({ sizeBytes }) => sizeBytes)).toEqual([undefined, blob.length])
    expect(destroyed).toBe(2)
  })

  test('goes on at the same URL first, then at the next', async () => {
    behaviours = [{ breaksAfter: 200_000 }, { breaksAfter: 10 }, { breaksAfter: 10 }, {}]
    expect((await finish(await begin({ start: 0 }, 1))).equals(blob)).toBe(true)
    expect(opened.map(({ turn }) => turn)).toEqual([1, 1, 2, 3])
  })

  test('takes no "no" for an answer at once: it was there a moment ago', async () => {
    behaviours = [{ breaksAfter: 200_000 }, { refusal: gone }, {}]
    expect((await finish(await begin())).equals(blob)).toBe(true)
    expect(opened.map(({ isKnown }) => isKnown)).toEqual([false, true, true])
  })

  test('stays at a URL that sends a good piece each time', async () => {
    behaviours = [{ breaksAfter: 150_000 }]
    expect((await finish(await begin())).equals(blob)).toBe(true)
    expect(opened.map(({ turn }) => turn)).toEqual([0, 0, 0, 0])
  })

  test('goes on where a connection ends early without a word', async () => {
    behaviours = [{ endsAfter: 250_000 }, {}]
    expect((await finish(await begin())).equals(blob)).toBe(true)
    expect(startsOf()).toEqual([0, 249_999])
  })

  test('within a part, asks for no more than the part', async () => {
    behaviours = [{ breaksAfter: 100_000 }, {}]
    const received = await finish(await begin({ start: 50_000, end: 399_999 }))
    expect(received.equals(blob.subarray(50_000, 400_000))).toBe(true)
    expect(opened.map(({ part }) => part)).toEqual([
      { start: 50_000, end: 399_999 },
      { start: 150_000, end: 399_999 },
    ])
  })

  test('starts over where upstream serves no parts, and gives nothing twice', async () => {
    behaviours = [{ breaksAfter: 200_000 }, { isUnranged: true }]
    expect((await finish(await begin())).equals(blob)).toBe(true)
  })

  test('without a length is over when the connection ends', async () => {
    behaviours = [{ isSizeUnknown: true, endsAfter: 250_000 }]
    expect(await finish(await begin())).toHaveLength(250_000)
    expect(opened).toHaveLength(1)
  })
})

describe('a transfer is given up', () => {
  test('with the first answer, where that is a no', async () => {
    behaviours = [{ refusal: gone }]
    await expect(begin()).rejects.toBe(gone)
    expect(opened).toHaveLength(1)
    expect(ends).toBe(1)
  })

  test('after three tries where upstream no longer has it', async () => {
    behaviours = [{ breaksAfter: 200_000 }, { refusal: gone }]
    await expect(finish(await begin())).rejects.toBe(gone)
    expect(opened).toHaveLength(3)
  })

  test('after three tries where it never got beyond its beginning', async () => {
    behaviours = [{ breaksAfter: 10 }]
    await expect(finish(await begin())).rejects.toBe(broken)
    expect(opened).toHaveLength(3)
  })

  test('after three tries where upstream has something else by now', async () => {
    behaviours = [{ breaksAfter: 200_000 }, { refusal: wrong }]
    await expect(finish(await begin())).rejects.toBe(wrong)
    expect(opened).toHaveLength(3)
  })

  test('when it got nowhere for as long as it has patience', async () => {
    behaviours = [{ breaksAfter: 200_000 }, { refusal: broken }]
    const transfer = await begin()
    const finishing = finish(transfer)
    const refused = expect(finishing).rejects.toBe(broken)
    while (opened.length < 2) await sleep(5)
    now += 60_000
    await refused
    expect(ends).toBe(1)
  })

  test('at once where it is to wait longer than it has patience', async () => {
    const details = { retryAfterSeconds: 61 }
    const limited = new UpstreamError(dockerHub, 'limited', 'limits us', details)
    behaviours = [{ breaksAfter: 200_000 }, { refusal: limited }]
    await expect(finish(await begin())).rejects.toBe(limited)
  })

  test('when nobody may be asked any more', async () => {
    const offline = new UpstreamError(dockerHub, 'offline', "isn't asked")
    behaviours = [{ breaksAfter: 200_000 }, { refusal: offline }]
    await expect(finish(await begin())).rejects.toBe(offline)
    expect(opened).toHaveLength(2)
  })
})

describe('a transfer that nobody wants any more', () => {
  test.each(['destroy', 'abort'] as const)('ends during a pause, by %s', async (how) => {
    behaviours = [{ breaksAfter: 200_000 }, { refusal: broken }]
    const transfer = await begin()
    const refused = expect(finish(transfer)).rejects.toBe(broken)
    while (opened.length < 2) await sleep(5)
    if (how === 'destroy') transfer.destroy()
    else leaving.abort()
    await refused
    expect(opened).toHaveLength(2)
  })

  test('lets go of its connection', async () => {
    const transfer = await begin()
    transfer.destroy()
    expect(destroyed).toBeGreaterThan(0)
    expect(ends).toBeGreaterThan(0)
  })
})
