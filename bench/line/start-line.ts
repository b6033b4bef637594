import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LineCounts, LineLimits, LineRequest, LineRoute } from './limits.ts'

const lineFile = join(import.meta.dirname, 'line.ts')
const host = '127.0.0.1'
const quietMs = 250

/** The line between the servers and their upstream; without limits at first. */
export interface Line extends AsyncDisposable {
  /** Upstream, as seen through it; without a slash at the end. */
  readonly url: string
  /** Other limits, also for connections that are open, and counts from zero. */
  readonly limit: (limits: LineLimits) => Promise<void>
  readonly read: () => Promise<LineCounts>
  /** Resolves when no bytes have passed for a moment; throws after the patience. */
  readonly waitUntilQuiet: (patienceMs: number, signal: AbortSignal) => Promise<void>
}

export const startLine = async (upstreamUrl: string): Promise<Line> => {
  const { hostname, port } = new URL(upstreamUrl)
  const upstream = { host: hostname, port: Number(port) }
  const route: LineRoute = { listen: { host, port: 0 }, upstream, limits: {} }
  // Detached: a Ctrl-C of the terminal reaches only the bench, which then stops it in order.
  const child = fork(lineFile, [JSON.stringify(route)], { detached: true })
  const [ownPort] = (await nextMessage(child)) as [number]
  const ask = async (request: LineRequest): Promise<LineCounts> => {
    child.send(request)
    const [counts] = (await nextMessage(child)) as [LineCounts]
    return counts
  }
  const read = () => ask('read')
  return {
    url: `http://${host}:${ownPort}`,
    limit: async (limits) => {
      await ask({ limit: limits })
    },
    read,
    waitUntilQuiet: (patienceMs, signal) => waitUntilQuiet(read, patienceMs, signal),
    [Symbol.asyncDispose]: async () => {
      if (!child.connected) return
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

const nextMessage = async (child: ReturnType<typeof fork>): Promise<unknown[]> => {
  const over = new AbortController()
  const { signal } = over
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('the line between the servers and their upstream ended')
  })
  try {
    return await Promise.race([once(child, 'message', { signal }), ended])
  } finally {
    ended.catch(() => undefined)
    over.abort()
  }
}

const waitUntilQuiet = async (
  read: () => Promise<LineCounts>,
  patienceMs: number,
  signal: AbortSignal,
): Promise<void> => {
  const deadlineMs = performance.now() + patienceMs
  for (let before = -1; ; ) {
    const { bodyBytes } = await read()
    if (bodyBytes === before) return
    if (performance.now() > deadlineMs)
      throw new Error(`bytes still come from upstream after ${patienceMs / 1000} s`)
    before = bodyBytes
    await sleep(quietMs, undefined, { signal })
  }
}
