// A process of its own that pushes new blobs over several connections: takes a PushOrder as its
// argument and prints a PushReport, or what went wrong and ends with 1.

import { BlobBodies, type BlobBody } from './blob-bodies.ts'
import type { PushOrder, PushReport } from './push-order.ts'
import { Pusher } from './pusher.ts'

const pushAll = async (order: PushOrder): Promise<PushReport> => {
  const { origin, connections, blobs, blobBytes } = order
  const bodies = new BlobBodies(blobBytes)
  const queue = Array.from({ length: blobs }, () => bodies.make())
  const pushers = Array.from(
    { length: connections },
    (_, index) => new Pusher(origin, `pushed/team-${index}`),
  )
  await Promise.all(pushers.map((pusher) => pusher.pushImage()))
  const requestsBefore = countRequests(pushers)
  const startedAt = performance.now()
  const pushed = await Promise.all(pushers.map((pusher) => pushFrom(queue, pusher, order)))
  const seconds = (performance.now() - startedAt) / 1000
  const requests = countRequests(pushers) - requestsBefore
  for (const [index, pusher] of pushers.entries())
    for (const body of pushed[index] ?? []) await pusher.check(body)
  return { seconds, bytes: blobs * blobBytes, requests }
}

const countRequests = (pushers: readonly Pusher[]): number =>
  pushers.reduce((sum, { requests }) => sum + requests, 0)

/** One after another, until none is left. */
const pushFrom = async (
  queue: BlobBody[],
  pusher: Pusher,
  { asImages }: PushOrder,
): Promise<readonly BlobBody[]> => {
  const pushed: BlobBody[] = []
  for (let body = queue.shift(); body !== undefined; body = queue.shift()) {
    await pusher.pushBlob(body)
    if (asImages) await pusher.pushImage(body)
    pushed.push(body)
  }
  return pushed
}

const main = async (): Promise<number> => {
  try {
    process.stdout.write(JSON.stringify(await pushAll(JSON.parse(process.argv[2] ?? ''))))
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

// At once: connections are left, and end with it.
process.exit(await main())
