import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { answerJson } from './scripted-answer.ts'
import { withHeaders } from './scripted-exchange.ts'
import type { Behaviour } from './scripted-upstream.ts'

/** What Docker Hub says of its pull limit. */
export interface RateLimit {
  readonly limit: number
  readonly remaining: number
  readonly windowSeconds: number
  /** Whom the pulls are counted for: an address or an account. */
  readonly source: string
}

/** Something that a test lets happen when it is time. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export const makeGate = (): Gate => {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

/** Answers only once the gate is open. */
export const waitFor =
  (gate: Gate): Behaviour =>
  async (usual) => {
    await gate.opened
    return usual
  }

/** Takes the request and never answers. */
export const swallow: Behaviour = () => new Promise(() => {})

export const fail =
  (status: number, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  () =>
    withHeaders(
      answerJson({ errors: [{ code: 'SCRIPTED', message: 'scripted' }] }, status),
      headers,
    )

/** Too many requests; ask again after so many seconds (RFC 6585 §4). */
export const limitedFor = (seconds: number): Behaviour =>
  fail(429, { 'retry-after': String(seconds) })

/** As Docker Hub puts them on manifests: `ratelimit-remaining: 20;w=21600`. */
export const rateLimitHeaders = ({
  limit,
  remaining,
  windowSeconds,
  source,
}: RateLimit): Behaviour =>
  setHeaders({
    'ratelimit-limit': `${limit};w=${windowSeconds}`,
    'ratelimit-remaining': `${remaining};w=${windowSeconds}`,
    'docker-ratelimit-source': source,
  })

/** The same headers, as far as they aren't about the body's length. */
export const sendInstead =
  (body: Buffer): Behaviour =>
  (usual) => ({
    ...withHeaders(usual, { 'content-length': String(body.length) }),
    body,
    whole: body,
  })

export const setHeaders =
  (headers: Readonly<Record<string, string>>): Behaviour =>
  (usual) =>
    withHeaders(usual, headers)

/** Without Content-Length an answer goes out in chunks. */
export const dropHeader =
  (name: string): Behaviour =>
  (usual) => {
    const { [name]: _, ...headers } = usual.headers
    return { ...usual, headers }
  }

/** Breaks the connection in the middle of the body. */
export const cutAfter =
  (bytes: number): Behaviour =>
  (usual) => ({ ...usual, cutAfterBytes: bytes })

export const hangUp: Behaviour = (usual) => ({ ...usual, isHungUp: true })

/** Sends so much of the body, and the rest when the gate is open. */
export const holdAfter =
  (bytes: number, gate: Gate): Behaviour =>
  (usual) => ({
    ...usual,
    pauses: [...(usual.pauses ?? []), { afterBytes: bytes, until: gate.opened }],
  })

/** Sends the body slowly, for as long as the client stays. */
export const trickleBody =
  (bytesPerSecond: number): Behaviour =>
  (usual) => ({ ...usual, bytesPerSecond })

/** A thin line that all answers share which this is used for. A quarter of a second is made up for. */
export const shareLine = (bytesPerSecond: number): Behaviour => {
  let freeAt = 0
  const line = (bytes: number) => {
    freeAt = Math.max(freeAt, performance.now() - 250) + (bytes / bytesPerSecond) * 1000
    return sleep(Math.max(0, freeAt - performance.now()))
  }
  return (usual) => ({ ...usual, line })
}

/** A line of its own for each answer. */
export const limitEach =
  (bytesPerSecond: number): Behaviour =>
  (usual, request) =>
    shareLine(bytesPerSecond)(usual, request)

export const redirectTo =
  (url: string, status = 307): Behaviour =>
  () => ({ status, headers: { location: url, 'content-length': '0' }, body: Buffer.alloc(0) })

/** A captive portal: 200 and a page for people, whatever was asked. */
export const sendPage: Behaviour = () => {
  const body = Buffer.from('<!doctype html><title>Welcome</title><p>Please log in to our Wi-Fi.')
  const headers = { 'content-type': 'text/html', 'content-length': String(body.length) }
  return { status: 200, headers, body }
}

/** What a proxy does that compresses without having been asked to. */
export const compress: Behaviour = (usual) => {
  const body = gzipSync(usual.body)
  const headers = { 'content-encoding': 'gzip', 'content-length': String(body.length) }
  return { ...withHeaders(usual, headers), body }
}
