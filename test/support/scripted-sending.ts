import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from './scripted-exchange.ts'

/** The response to write to, and who hears of every piece of body that has left. */
export interface Sink {
  readonly response: ServerResponse
  onSent(bytes: number): void
}

/** `left` is aborted when nobody takes the body any more. */
interface OpenBody extends Sink {
  readonly left: AbortController
}

/** Small enough to count what has left before a connection broke. */
const pieceBytes = 64 * 1024
/** A slow body goes out in pieces of so much time. */
const stepMs = 20
const filler = Buffer.alloc(pieceBytes, 'endless ')

/** Writes an answer at its pace, with its pauses and its cut; ends where the client leaves. */
export const sendAnswer = async (method: string, answer: Answer, sink: Sink): Promise<void> => {
  const { status, headers, body, pauses = [], cutAfterBytes, isEndless, isHungUp } = answer
  const { response } = sink
  if (isHungUp) return void response.destroy()
  response.writeHead(status, headers)
  if (method === 'HEAD') return void response.end()
  response.flushHeaders()
  const left = new AbortController()
  response.once('close', () => left.abort())
  const send = (bytes: Buffer) => sendPieces(bytes, answer, { ...sink, left })
  const end = cutAfterBytes ?? body.length
  let position = 0
  for (const { afterBytes, until } of pauses.filter((pause) => pause.afterBytes <= end)) {
    await send(body.subarray(position, afterBytes))
    position = afterBytes
    await until
  }
  await send(body.subarray(position, end))
  while (isEndless && cutAfterBytes === undefined && !left.signal.aborted) await send(filler)
  if (cutAfterBytes === undefined) response.end()
  else response.destroy()
}

/** Resolves when the bytes have left, or nobody takes them any more. */
const sendPieces = async (
  bytes: Buffer,
  { bytesPerSecond, line }: Pick<Answer, 'bytesPerSecond' | 'line'>,
  open: OpenBody,
): Promise<void> => {
  const step = bytesPerSecond ? Math.ceil((bytesPerSecond * stepMs) / 1000) : pieceBytes
  let dueAt = performance.now()
  for (let start = 0; start < bytes.length && !open.left.signal.aborted; start += step) {
    const piece = bytes.subarray(start, start + step)
    await line?.(piece.length)
    await write(piece, open)
    if (!bytesPerSecond) continue
    dueAt = Math.max(dueAt, performance.now() - stepMs) + (piece.length / bytesPerSecond) * 1000
    const waitMs = Math.max(0, dueAt - performance.now())
    await sleep(waitMs, undefined, { signal: open.left.signal }).catch(() => {})
  }
}

const write = (piece: Buffer, { response, onSent, left }: OpenBody): Promise<void> =>
  new Promise((resolve) => {
    if (response.destroyed) return resolve()
    const onClose = () => resolve()
    response.once('close', onClose)
    response.write(piece, (error) => {
      response.off('close', onClose)
      // `close` comes later than the error, and to write on until then would hold it up.
      if (error) left.abort()
      else onSent(piece.length)
      resolve()
    })
  })
