import { createHash, type Hash } from 'node:crypto'
import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'

/** A client that gets nothing for so long gives up. */
const patienceMs = 60_000

export interface Question {
  readonly url: string
  readonly method: 'GET' | 'HEAD'
  readonly accept: string
  /** Whether the body is wanted; else it is counted and dropped. */
  readonly keepsBody: boolean
  readonly hashes: boolean
}

export interface Answer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  /** Empty unless it was wanted. */
  readonly body: Buffer
  readonly bytes: number
  readonly sha256: string | undefined
  readonly firstByteMs: number
  readonly totalMs: number
}

/** The connection broke in the middle of an answer: what came is not the whole. */
export class CutError extends Error {
  override readonly name = 'CutError'
}

/** Asks once, over a kept connection where there is one. Times run from having a connection. */
export const ask = (agent: Agent, question: Question): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { url, method, accept } = question
    const outgoing = request(url, { agent, method, headers: { accept } })
    let startedAt = performance.now()
    outgoing.once('socket', () => {
      startedAt = performance.now()
    })
    outgoing.setTimeout(patienceMs, () => outgoing.destroy(new Error('timed out')))
    outgoing.once('error', reject)
    outgoing.once('response', (incoming) => {
      collect(incoming, question, startedAt).then(resolve, reject)
    })
    outgoing.end()
  })

const collect = (
  incoming: IncomingMessage,
  { keepsBody, hashes, url }: Question,
  startedAt: number,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const hash = hashes ? createHash('sha256') : undefined
    const kept: Buffer[] = []
    let bytes = 0
    let firstByteAt: number | undefined
    incoming.on('data', (chunk: Buffer) => {
      firstByteAt ??= performance.now()
      bytes += chunk.length
      hash?.update(chunk)
      if (keepsBody) kept.push(chunk)
    })
    incoming.once('end', () => {
      const endedAt = performance.now()
      resolve({
        status: incoming.statusCode ?? 0,
        header: (name) => readHeader(incoming, name),
        body: Buffer.concat(kept),
        bytes,
        sha256: describeHash(hash),
        firstByteMs: (firstByteAt ?? endedAt) - startedAt,
        totalMs: endedAt - startedAt,
      })
    })
    incoming.once('error', (cause) =>
      reject(new CutError(`${url} broke after ${bytes} bytes`, { cause })),
    )
  })

const readHeader = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

const describeHash = (hash: Hash | undefined): string | undefined =>
  hash && `sha256:${hash.digest('hex')}`

/** Sends a GET and hands over the answer with nothing read yet. */
export const open = (url: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const outgoing: ClientRequest = request(url, { agent: false })
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
    outgoing.end()
  })
