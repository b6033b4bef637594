// Stands before a registry as a failing load balancer would: it speaks HTTP, so it can choose which
// request fails. What only a connection suffers is FaultProxy's.

import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Lab } from './lab.ts'

/** What becomes of a request: `cut` breaks the connection in the middle of the answer's body. */
export type Fate = 'pass' | 'cut' | 'refuse'

/** Hears of every request, and decides. */
export type Judge = (request: { readonly method: string; readonly path: string }) => Fate

export interface FaultyFront {
  readonly url: string
  /** How many requests had each fate so far. */
  readonly counts: Readonly<Record<Fate, number>>
}

/** Every blob is cut the first time that it is fetched. */
export const cutEachBlobOnce = (): Judge => {
  const cut = new Set<string>()
  return ({ method, path }) => {
    if (method !== 'GET' || !path.includes('/blobs/') || cut.has(path)) return 'pass'
    cut.add(path)
    return 'cut'
  }
}

/** 503 to every other request; one that is asked again at once isn't the next of them by bad luck. */
export const refuseEveryOther = (): Judge => {
  const refused = new Set<string>()
  let count = 0
  return ({ method, path }) => {
    if (refused.delete(`${method} ${path}`) || count++ % 2 === 1) return 'pass'
    refused.add(`${method} ${path}`)
    return 'refuse'
  }
}

export const startFaultyFront = async (
  lab: Lab,
  registry: { readonly port: number },
  judge: Judge,
): Promise<FaultyFront> => {
  const counts: Record<Fate, number> = { pass: 0, cut: 0, refuse: 0 }
  const server = createServer((asked, answer) => {
    const fate = judge({ method: asked.method ?? '', path: asked.url ?? '' })
    counts[fate]++
    if (fate === 'refuse') answer.writeHead(503).end('come back later')
    else passOn(asked, answer, { port: registry.port, isCut: fate === 'cut' })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  lab.onClose(async () => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, counts }
}

const passOn = (
  asked: IncomingMessage,
  answer: ServerResponse,
  { port, isCut }: { port: number; isCut: boolean },
): void => {
  const { method, url: path, headers } = asked
  const behind = request({ host: '127.0.0.1', port, method, path, headers })
  behind.on('error', () => answer.destroy())
  behind.on('response', (inner) => {
    answer.writeHead(inner.statusCode ?? 502, inner.headers)
    const sending = isCut ? sendHalf(inner, answer) : pipeline(inner, answer)
    sending.catch(() => answer.destroy())
  })
  behind.end()
}

const sendHalf = async (inner: IncomingMessage, answer: ServerResponse): Promise<void> => {
  let left = Math.floor(Number(inner.headers['content-length']) / 2)
  for await (const chunk of inner as AsyncIterable<Buffer>) {
    const piece = chunk.subarray(0, left)
    left -= piece.length
    // Called back also where the client has gone.
    await new Promise((done) => answer.write(piece, done))
    if (left === 0) break
  }
  answer.destroy()
}
