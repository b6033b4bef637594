import { beforeEach, describe, expect, test } from 'vitest'
import type { BlobProgress } from '../../../src/upstream/blob-progress.ts'
import { ConnectionCount } from '../../../src/upstream/connection-count.ts'
import type { KnownCount } from '../../../src/upstream/learned-count.ts'

const megabyte = 1_000_000
const stepMs = 20

/** What a line gives to so many connections, in bytes a second. */
type Line = (connections: number) => number

const perConnection: Line = (connections) => connections * 4 * megabyte
const shared: Line = () => 8 * megabyte
const enoughForThree: Line = (connections) => Math.min(3, connections) * 4 * megabyte

let learned: KnownCount[]
let progress: BlobProgress

beforeEach(() => {
  learned = []
  progress = {
    atMs: 5_000,
    receivedBytes: 0,
    ownBytes: 0,
    waitedMs: 0,
    idleMs: 0,
    remainingBytes: 1_000 * megabyte,
    flowing: 1,
    blobs: 1,
    isDisturbed: false,
  }
})

const begin = (known?: KnownCount, most = 6) =>
  new ConnectionCount({
    most,
    findKnown: () => learned.at(-1) ?? known,
    onLearned: (found) => void learned.push(found),
  })

type Circumstances = {
  /** Of its time, that the reader waits. */
  readonly waiting?: number
  /** Of its time, that the thread has nothing to do. */
  readonly idle?: number
  /** How many flow, of those that are wanted. */
  readonly flowing?: (wanted: number) => number
  /** What comes to other blobs beside it, in bytes a second. */
  readonly others?: number
}

/** Lets so much time pass on a line, and gives each number of connections that was wanted on the way. */
function pass(
  count: ConnectionCount,
  { ms, line }: { ms: number; line: Line },
  { waiting = 1, idle = 1, flowing = (wanted) => wanted, others = 0 }: Circumstances = {},
): number[] {
  const wanted = [count.wanted]
  for (const endMs = progress.atMs + ms; progress.atMs < endMs; ) {
    const connections = flowing(count.wanted)
    const bytes = (line(connections) * stepMs) / 1000
    progress = {
      ...progress,
      atMs: progress.atMs + stepMs,
      receivedBytes: progress.receivedBytes + bytes + (others * stepMs) / 1000,
      ownBytes: progress.ownBytes + bytes / progress.blobs,
      remainingBytes: progress.remainingBytes - bytes / progress.blobs,
      waitedMs: progress.waitedMs + waiting * stepMs,
      idleMs: progress.idleMs + idle * stepMs,
      flowing: connections,
    }
    count.observe(progress)
    if (wanted.at(-1) !== count.wanted) wanted.push(count.wanted)
  }
  return wanted
}

describe('where each connection is limited', () => {
  test('there is one more, then three times as many, up to the most', () => {
    expect(pass(begin(), { ms: 5_000, line: perConnection })).toEqual([1, 2, 6])
    expect(learned.at(-1)).toEqual({ connections: 6, isFinal: true })
  })

  test('there are no more than an upstream may have', () => {
    expect(pass(begin(undefined, 3), { ms: 5_000, line: perConnection })).toEqual([1, 2, 3])
  })

  test('it takes less than a second to the second, and less than two to the sixth', () => {
    const count = begin()
    pass(count, { ms: 900, line: perConnection })
    expect(count.wanted).toBe(2)
    pass(count, { ms: 900, line: perConnection })
    expect(count.wanted).toBe(6)
  })

  test('it is the time that counts for which a blob goes on, beside others as well', () => {
    progress = { ...progress, remainingBytes: 30 * megabyte, blobs: 4 }
    const count = begin()
    const fourBlobs: Line = (connections) => 4 * perConnection(connections)
    pass(count, { ms: 1_800, line: fourBlobs })
    expect(count.wanted).toBe(6)
    expect(count.bytesPerSecond).toBeCloseTo(2 * perConnection(1), -5)
  })

  test('what was found out by the time the blob ends is gone on with by the next', () => {
    pass(begin(), { ms: 1_700, line: perConnection })
    expect(learned).toEqual([{ connections: 2, isFinal: false }])
    expect(pass(begin(learned[0]), { ms: 5_000, line: perConnection })).toEqual([2, 6])
  })
})

describe('where all connections share a line', () => {
  test('a second one is tried once, and taken back after less than two seconds', () => {
    const count = begin()
    expect(pass(count, { ms: 2_500, line: shared })).toEqual([1, 2, 1])
    expect(pass(count, { ms: 60_000, line: shared })).toEqual([1])
    expect(learned).toEqual([{ connections: 1, isFinal: true }])
  })

  test('a moment in which it stands still is no reason to take one back', () => {
    const count = begin()
    pass(count, { ms: 1_060, line: perConnection })
    expect(pass(count, { ms: 300, line: () => 0 })).toEqual([2])
    expect(pass(count, { ms: 5_000, line: perConnection })).toEqual([2, 6])
  })

  test('the next blob tries none', () => {
    const known = { connections: 1, isFinal: true }
    expect(pass(begin(known), { ms: 60_000, line: shared })).toEqual([1])
  })

  test('that is used up by three, no more are kept than have to', () => {
    const wanted = pass(begin(), { ms: 60_000, line: enoughForThree })
    expect(wanted.at(-1)).toBeLessThanOrEqual(4)
    expect(wanted.at(-1)).toBeGreaterThanOrEqual(3)
    expect(learned.at(-1)?.isFinal).toBe(true)
  })

  test('after that was too much, one more is tried at a time', () => {
    const line: Line = (connections) => Math.min(2.5, connections) * 4 * megabyte
    expect(pass(begin(), { ms: 60_000, line })).toEqual([1, 2, 6, 3, 4, 3])
  })
})

describe('nothing is tried', () => {
  const fast: Line = () => 200 * megabyte

  test('where the rest takes less than two seconds', () => {
    progress = { ...progress, remainingBytes: 400 * megabyte }
    expect(pass(begin(), { ms: 1_900, line: fast })).toEqual([1])
  })

  test('where it is this thread that has no time', () => {
    const count = begin()
    const busy = { ms: 60_000, line: perConnection }
    expect(pass(count, busy, { idle: 0.2 })).toEqual([1])
  })

  test('where it is the reader that is slow', () => {
    expect(pass(begin(), { ms: 60_000, line: perConnection }, { waiting: 0.2 })).toEqual([1])
    expect(learned).toEqual([])
  })
})

describe('nothing is concluded', () => {
  test('before bytes come on all connections', () => {
    const wanted = pass(begin(), { ms: 60_000, line: perConnection }, { flowing: () => 1 })
    expect(wanted).toEqual([1, 2])
    expect(learned).toEqual([])
  })

  test('while there is less than what is wanted', () => {
    const count = begin()
    pass(count, { ms: 900, line: perConnection })
    for (let round = 0; round < 100; round++) {
      progress = { ...progress, isDisturbed: true }
      count.observe(progress)
      progress = { ...progress, isDisturbed: false }
      pass(count, { ms: 200, line: shared })
    }
    expect(count.wanted).toBe(2)
    expect(learned).toEqual([])
  })

  test('when another blob comes meanwhile; it is tried again beside that', () => {
    const count = begin()
    pass(count, { ms: 900, line: perConnection })
    progress = { ...progress, blobs: 2 }
    expect(pass(count, { ms: 300, line: shared })).toEqual([2, 1])
    expect(learned).toEqual([])
    expect(pass(count, { ms: 5_000, line: perConnection })).toEqual([1, 2, 6])
  })
})

describe('beside other blobs', () => {
  const others = { others: 6 * 4 * megabyte }

  beforeEach(() => {
    progress = { ...progress, blobs: 2 }
  })

  test('one more pays that brings as much as the first, however much comes to them', () => {
    const line = (connections: number) => 2 * perConnection(connections)
    expect(pass(begin(), { ms: 5_000, line }, others)).toEqual([1, 2, 6])
  })

  test('what has not paid does not outweigh what they have found out', () => {
    const count = begin({ connections: 2, isFinal: false })
    pass(count, { ms: 1_000, line: perConnection }, others)
    expect(count.wanted).toBe(6)
    learned.push({ connections: 6, isFinal: true })
    pass(count, { ms: 2_000, line: () => 0 }, others)
    expect(count.wanted).toBeLessThan(6)
    expect(learned).toEqual([{ connections: 6, isFinal: true }])
  })

  test('nothing is told of a trial while one of them is in want: it wants the most until then', () => {
    const count = begin()
    pass(count, { ms: 900, line: perConnection }, others)
    expect(count.wanted).toBe(2)
    count.contend()
    expect(pass(count, { ms: 5_000, line: shared }, { ...others, flowing: () => 4 })).toEqual([6])
    expect(learned).toEqual([])
    progress = { ...progress, blobs: 1 }
    expect(pass(count, { ms: 5_000, line: perConnection })).toEqual([6, 1, 2, 6])
  })

  test('who tries nothing wants no more for that', () => {
    const count = begin({ connections: 2, isFinal: true })
    count.contend()
    expect(count.wanted).toBe(2)
  })

  test('what others have found out meanwhile is taken over', () => {
    const count = begin()
    pass(count, { ms: 300, line: perConnection })
    learned.push({ connections: 5, isFinal: true })
    expect(pass(count, { ms: 5_000, line: perConnection })).toEqual([1, 5])
  })

  test('nothing is compared while what was taken back is still at work', () => {
    const count = begin()
    const running = { ms: 2_000, line: perConnection }
    expect(pass(count, running, { flowing: () => 2 })).toEqual([1])
    expect(pass(count, { ms: 5_000, line: perConnection })).toEqual([1, 2, 6])
  })
})

describe('there are fewer again', () => {
  const known = { connections: 4, isFinal: false }
  const slowReader = { waiting: 0.05 }

  test('one after the other, where the reader hardly ever waits and they do', () => {
    const line = { ms: 5_000, line: perConnection }
    expect(pass(begin(known), line, { ...slowReader, flowing: () => 1 })).toEqual([4, 3, 2, 1])
    expect(learned).toEqual([])
  })

  test('but not while all are busy', () => {
    expect(pass(begin(known), { ms: 5_000, line: perConnection }, slowReader)).toEqual([4])
  })

  test('at once, and for the next blobs too, where upstream refuses one', () => {
    const count = begin({ connections: 4, isFinal: false })
    count.refuse()
    expect(pass(count, { ms: 60_000, line: perConnection })).toEqual([1])
    expect(learned).toEqual([{ connections: 1, isFinal: true }])
  })

  test('at once, for this blob only, where it is stopped', () => {
    const count = begin({ connections: 4, isFinal: false })
    count.stop()
    expect(pass(count, { ms: 60_000, line: perConnection })).toEqual([1])
    expect(learned).toEqual([])
  })
})
