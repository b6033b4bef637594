// Stands before a server, passes on what it is asked and answers, and writes down each answer to the byte.

import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Lab } from './lab.ts'

export type Written = {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly mediaType: string
  /** What X-Entrepot-Cache says. */
  readonly cache: string
  /** Of the body, passed on. */
  readonly bytes: number
}

/** After so many bytes of the body, all of which arrive, it is cut, or waits. */
export type Broken = { readonly afterBytes: number; readonly goOn?: Promise<void> }

/** `down` answers nothing, `refuse` with 503. */
export type Fate = 'pass' | 'down' | 'refuse' | Broken

type Options = {
  readonly port: number
  /** From which the server behind is asked. */
  readonly localAddress?: string
  /** Decides about each request; all pass unless it says otherwise. */
  readonly judge?: (asked: { readonly method: string; readonly path: string }) => Fate
}

export interface WritingRelay {
  readonly port: number
  readonly url: string
  readonly written: readonly Written[]
}

const refusal = 'come back later'
const unbroken: Broken = { afterBytes: Number.POSITIVE_INFINITY }

export const startWritingRelay = async (lab: Lab, options: Options): Promise<WritingRelay> => {
  const written: Written[] = []
  const server = createServer((asked, answer) => {
    const { method = '', url: path = '' } = asked
    const fate = options.judge?.({ method, path }) ?? 'pass'
    if (fate === 'down') return void asked.socket.destroy()
    if (fate !== 'refuse') return passOn(asked, answer, { ...options, fate, written })
    answer.writeHead(503).end(refusal)
    const bytes = method === 'HEAD' ? 0 : refusal.length
    written.push({ method, path, status: 503, mediaType: '', cache: '', bytes })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  lab.onClose(async () => {
    server.close()
    server.closeAllConnections()
  })
  return { port, url: `http://127.0.0.1:${port}`, written }
}

type Passing = Options & { readonly fate: 'pass' | Broken; readonly written: Written[] }

const passOn = (
  asked: IncomingMessage,
  answer: ServerResponse,
  { port, localAddress, fate, written }: Passing,
): void => {
  const { method = '', url: path = '', headers } = asked
  const behind = request({ host: '127.0.0.1', port, localAddress, method, path, headers })
  behind.on('error', () => answer.destroy())
  behind.on('response', async (inner) => {
    const status = inner.statusCode ?? 0
    const mediaType = inner.headers['content-type'] ?? ''
    const cache = String(inner.headers['x-entrepot-cache'] ?? '')
    answer.writeHead(status, inner.headers)
    const bytes = await send(inner, answer, fate === 'pass' ? unbroken : fate)
    written.push({ method, path, status, mediaType, cache, bytes })
  })
  behind.end()
}

/** Gives how many bytes were passed on. */
const send = async (
  inner: IncomingMessage,
  answer: ServerResponse,
  { afterBytes, goOn }: Broken,
): Promise<number> => {
  let sent = 0
  for await (const chunk of inner as AsyncIterable<Buffer>) {
    const piece = chunk.subarray(0, Math.max(0, afterBytes - sent))
    const rest = chunk.subarray(piece.length)
    await write(answer, piece)
    sent += piece.length
    if (rest.length === 0) continue
    if (!goOn) {
      inner.destroy()
      // All that was written arrives before the FIN.
      answer.socket?.end()
      return sent
    }
    await goOn
    await write(answer, rest)
    sent += rest.length
  }
  answer.end()
  return sent
}

const write = (answer: ServerResponse, bytes: Buffer): Promise<void> =>
  new Promise((done, fail) => {
    answer.write(bytes, (error) => (error ? fail(error) : done()))
  })
