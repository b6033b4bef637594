import { describe, expect, test } from 'vitest'
import { BlobCache } from '../../../../bench/eviction/caches/blob-cache.ts'
import type { Thing } from '../../../../bench/eviction/demands.ts'
import { BeladyOrder } from '../../../../bench/eviction/orders/belady-order.ts'
import type { Order } from '../../../../bench/eviction/orders/order.ts'
import { ProbationOrder } from '../../../../bench/eviction/orders/probation-order.ts'
import { RankedOrder } from '../../../../bench/eviction/orders/ranked-order.ts'
import {
  gdsf,
  gdsfLog,
  halfLife,
  lfuAging,
  lru,
} from '../../../../bench/eviction/orders/rankings.ts'
import { S3FifoOrder } from '../../../../bench/eviction/orders/s3-fifo-order.ts'
import { SieveOrder } from '../../../../bench/eviction/orders/sieve-order.ts'

interface Setting {
  readonly capacityBytes: number
  /** 1 of what isn't named. */
  readonly sizes?: Readonly<Record<string, number>>
}

const toThings = (letters: string, sizes: Setting['sizes'] = {}): Thing[] =>
  [...letters.replaceAll(' ', '')].map((letter) => ({
    id: letter.charCodeAt(0),
    sizeBytes: sizes[letter] ?? 1,
  }))

/** Asks for one blob a letter, and returns the victims in their order. */
const play = (order: Order, letters: string, { capacityBytes, sizes }: Setting): string => {
  let victims = ''
  const removed = (thing: Thing) => {
    victims += String.fromCharCode(thing.id)
    order.remove(thing)
  }
  const watched: Order = {
    use: (thing, at) => order.use(thing, at),
    victim: (at) => order.victim(at),
    remove: removed,
    admits: (at) => order.admits?.(at) ?? true,
  }
  const cache = new BlobCache(watched, capacityBytes)
  for (const blob of toThings(letters, sizes))
    cache.serve({ kind: 'pull', manifests: [], blobs: [blob] })
  return victims
}

describe('LRU', () => {
  test('takes what was not used for longest', () => {
    expect(play(new RankedOrder(lru), 'abc a d e', { capacityBytes: 3 })).toBe('bc')
  })

  test('takes as many as the newcomer needs', () => {
    const setting = { capacityBytes: 10, sizes: { a: 3, b: 3, c: 4, d: 5 } }
    expect(play(new RankedOrder(lru), 'abc d', setting)).toBe('ab')
  })

  test('moves nothing for what never fits', () => {
    expect(play(new RankedOrder(lru), 'ab z a', { capacityBytes: 2, sizes: { z: 3 } })).toBe('')
  })
})

describe('LFU with aging', () => {
  // a has 5, b 3, c 1. d takes c's place: 1 + 1; e takes d's: 2 + 1, and 2 + 2 when used again,
  // which is more than b's 3: without aging e would go, with its 2 uses.
  test('takes the least used, and what came late starts from the last victim', () => {
    expect(play(new RankedOrder(lfuAging), 'aaaaa bbb c d ee f', { capacityBytes: 3 })).toBe('cdb')
  })
})

describe('GDSF', () => {
  // 1/10, 1/50, 1/40: d takes b's place, with 1/50 + 1/20 = 0.07. e takes c's: 1/40 + 1/40, and
  // 1/40 + 2/40 = 0.075 when used again. f finds d the least.
  test('takes the largest by use, and ages', () => {
    const sizes = { a: 10, b: 50, c: 40, d: 20, e: 40, f: 40 }
    expect(play(new RankedOrder(gdsf), 'abc d ee f', { capacityBytes: 100, sizes })).toBe('bcd')
  })
})

describe('GDSF-log', () => {
  // 1/10, 3/20, 1/20: d takes c's place. For e the small a goes, at 0.1, not the large b, at 0.15.
  test('takes small and rarely used before large and often used', () => {
    const sizes = { a: 2 ** 10, b: 2 ** 20, c: 2 ** 20, d: 2 ** 10, e: 2 ** 20 }
    const setting = { capacityBytes: 2 ** 21 + 2 ** 10, sizes }
    expect(play(new RankedOrder(gdsfLog), 'a bbb c d e', setting)).toBe('ca')
    expect(play(new RankedOrder(gdsf), 'a bbb c d e', setting)).toBe('cb')
  })
})

describe('a half-life', () => {
  // Of 4 uses: a's three count log2(1 + 2^.25 + 2^.5) = 1.85; what is used once at request n
  // counts n / 4. So a stays until 8 / 4 is the least of the others.
  test('keeps what was used thrice as long as its uses are not old', () => {
    expect(play(new RankedOrder(halfLife(4)), 'aaa bc defghi', { capacityBytes: 3 })).toBe('bcdefa')
  })
})

describe('S3-FIFO', () => {
  // Room for four, of which the small queue is due from one on; three are remembered.
  test('lets the small queue go first, and what comes back is in the main queue', () => {
    // a, b, c and d come back from memory one after the other, each for the next of the small
    // queue. e comes back when that is empty: a gets another round for its use, and b goes.
    const order = new S3FifoOrder(4)
    expect(play(order, 'abcd e abcd a e', { capacityBytes: 4 })).toBe('abcdeb')
  })

  test('gives another round in the main queue for each use', () => {
    // As before, but a has two uses. f and g come back from memory, too, so that the main queue is
    // all there is: at h a gets its second round, and e goes.
    const order = new S3FifoOrder(4)
    expect(play(order, 'abcd e abcd aa e fgfg h', { capacityBytes: 4 })).toBe('abcdebcfgde')
  })

  test('moves what was used twice to the main queue, not what was used once', () => {
    // b moves, c goes.
    const order = new S3FifoOrder(4)
    expect(play(order, 'abcd bb c e f', { capacityBytes: 4 })).toBe('ac')
  })

  test('forgets what it let go before as many bytes as the main queue holds', () => {
    // Of a, b, c and d it remembers the last three: a starts again in the small queue, where it is
    // due after f, g and h.
    const order = new S3FifoOrder(4)
    expect(play(order, 'abcd efgh a ijkl', { capacityBytes: 4 })).toBe('abcdefgha')
  })
})

describe('SIEVE', () => {
  test('spares what was used since the hand passed, where it is', () => {
    // d: the hand spares a, takes b, and stands at c. e: takes c; stands at d. f: takes d; at e.
    expect(play(new SieveOrder(), 'abc a d e f', { capacityBytes: 3 })).toBe('bcd')
  })

  test('goes around', () => {
    // All are used: the hand passes once around, and takes the oldest.
    expect(play(new SieveOrder(), 'abc abc d', { capacityBytes: 3 })).toBe('a')
  })
})

describe('probation', () => {
  // At d b's age of 2 counts 4, a's 3. At e c's counts 4, a's 4: the newcomer goes. At f d's 4, a's 5.
  test('lets what was used once go at half the age', () => {
    expect(play(new ProbationOrder(2), 'aa bc d e f', { capacityBytes: 3 })).toBe('bca')
  })

  // At d neither b nor c is large: a is oldest. At e the large d's age of 1 counts 4, b's 3.
  test('spares what is small', () => {
    const order = new ProbationOrder(4, 2)
    const setting = { capacityBytes: 4, sizes: { d: 2 } }
    expect(play(order, 'aa bc d e', setting)).toBe('ad')
  })

  test('is LRU when nobody ages faster', () => {
    expect(play(new ProbationOrder(1), 'aa bc d e f', { capacityBytes: 3 })).toBe('abc')
  })
})

describe('Belady', () => {
  const playBelady = (letters: string) =>
    play(new BeladyOrder(toThings(letters)), letters, { capacityBytes: 2 })

  test('takes what is asked for latest', () => {
    // c: b is asked for at 3, a only at 5.
    expect(playBelady('abc b c a')).toBe('a')
  })

  test('keeps nothing that is never asked for again', () => {
    expect(playBelady('ab x a y b z a b')).toBe('')
  })
})
