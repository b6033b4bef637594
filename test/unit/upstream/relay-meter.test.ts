import { expect, test } from 'vitest'
import { ConnectionCount } from '../../../src/upstream/connection-count.ts'
import { RelayMeter } from '../../../src/upstream/relay-meter.ts'

test('blobs beside each other are each measured by their own bytes', () => {
  let nowMs = 0
  const tally = { receivedBytes: 0 }
  const begin = (bytesPerMs: number) => {
    const count = new ConnectionCount({ most: 6, findKnown: () => undefined, onLearned: () => {} })
    const meter = new RelayMeter({ count, countBlobs: () => 2, tally, elapsedMs: () => nowMs })
    return { count, receive: (ms: number) => meter.receive(ms * bytesPerMs, 1_000_000, 1) }
  }
  const [fast, slow] = [begin(4_000), begin(1_000)]
  for (; nowMs < 1_000; nowMs += 20) for (const blob of [fast, slow]) blob.receive(20)
  expect(fast.count.bytesPerSecond).toBeCloseTo(4e6)
  expect(slow.count.bytesPerSecond).toBeCloseTo(1e6)
})
