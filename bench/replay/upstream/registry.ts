import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { readSeededContent } from '../content/seeded-content.ts'
import type { ShelvedBlob } from '../content/shelf.ts'
import { Tally } from './counts.ts'
import { type LimitSettings, PullLimit } from './pull-limit.ts'
import type { Stock } from './stock.ts'

export interface RegistrySettings {
  /** Before every answer, as a registry far away takes its time. */
  readonly delayMs: number
  /** Without one, anyone may pull as much as he likes. */
  readonly limit?: LimitSettings
}

const tokenSeconds = 300
const contentPath = /^\/v2\/(?<repository>.+)\/(?<kind>manifests|blobs)\/(?<reference>[^/]+)$/
const rangePattern = /^bytes=(\d+)-(\d*)$/

interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly repository: string
  readonly reference: string
}

/** A registry with Docker Hub's manners: tokens, a limit on manifest GETs, HEADs for free, ranges. */
export class Registry {
  readonly #stock: Stock
  readonly #tokens = new Map<string, string>()
  #settings: RegistrySettings
  #limit: PullLimit | undefined
  #tally = new Tally()

  constructor(stock: Stock, settings: RegistrySettings) {
    this.#stock = stock
    this.#settings = settings
    this.configure(settings)
  }

  get counts() {
    return this.#tally.read()
  }

  /** Takes new settings and counts anew. */
  configure(settings: RegistrySettings): void {
    this.#settings = settings
    this.#limit = settings.limit && new PullLimit(settings.limit)
    this.#tally = new Tally()
  }

  async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (this.#settings.delayMs > 0) await sleep(this.#settings.delayMs)
    const url = new URL(incoming.url ?? '', `http://${incoming.headers.host}`)
    if (url.pathname === '/token') return this.#grant(url, outgoing)
    const { repository = '', kind, reference = '' } = contentPath.exec(url.pathname)?.groups ?? {}
    if (!this.#isAdmitted(incoming, repository)) return challenge(url, repository, outgoing)
    const exchange = { incoming, outgoing, repository, reference }
    if (kind === 'manifests') return this.#answerManifest(exchange)
    if (kind === 'blobs') return this.#answerBlob(exchange)
    outgoing.writeHead(url.pathname === '/v2/' ? 200 : 404).end()
  }

  #grant(url: URL, outgoing: ServerResponse): void {
    this.#tally.tokens++
    const token = randomUUID()
    this.#tokens.set(token, url.searchParams.get('scope') ?? '')
    outgoing.setHeader('content-type', 'application/json')
    outgoing.end(JSON.stringify({ token, expires_in: tokenSeconds }))
  }

  #isAdmitted(incoming: IncomingMessage, repository: string): boolean {
    const scope = this.#tokens.get((incoming.headers.authorization ?? '').replace('Bearer ', ''))
    return scope !== undefined && (repository === '' || scope === pullScope(repository))
  }

  #answerManifest({ incoming, outgoing, repository, reference }: Exchange): void {
    const isHead = incoming.method === 'HEAD'
    if (isHead) this.#tally.manifestHeads++
    else this.#tally.manifestGets++
    const isAllowed = isHead || this.#limit === undefined || this.#limit.take()
    const manifest = this.#stock.findManifest(repository, reference)
    const headers = this.#limit?.headers() ?? {}
    if (!isAllowed) this.#refusePull(outgoing, headers)
    else if (manifest === undefined) refuse(outgoing, 404, headers)
    else {
      outgoing.writeHead(200, {
        ...headers,
        'content-type': manifest.mediaType,
        'content-length': manifest.text.length,
        'docker-content-digest': manifest.digest,
      })
      outgoing.end(isHead ? undefined : manifest.text)
    }
  }

  #refusePull(outgoing: ServerResponse, headers: Readonly<Record<string, string>>): void {
    this.#tally.tooManyRequests++
    const retryAfter = String(this.#limit?.retryAfterSeconds())
    refuse(outgoing, 429, { ...headers, 'retry-after': retryAfter })
  }

  async #answerBlob({ incoming, outgoing, reference }: Exchange): Promise<void> {
    const blob = this.#stock.findBlob(reference)
    const isHead = incoming.method === 'HEAD'
    const [isRanged, from = '', to = ''] = rangePattern.exec(incoming.headers.range ?? '') ?? []
    if (isHead) this.#tally.blobHeads++
    else this.#tally.countBlobGet(reference, isRanged !== undefined)
    if (blob === undefined) return refuse(outgoing, 404, {})
    const start = Number(from)
    const end = Math.min(blob.sizeBytes, to === '' ? blob.sizeBytes : Number(to) + 1)
    if (start >= end) return refuse(outgoing, 416, { 'content-range': `bytes */${blob.sizeBytes}` })
    outgoing.writeHead(isRanged === undefined ? 200 : 206, {
      'content-type': 'application/octet-stream',
      'content-length': end - start,
      'docker-content-digest': blob.digest,
      'accept-ranges': 'bytes',
      ...(isRanged && { 'content-range': `bytes ${start}-${end - 1}/${blob.sizeBytes}` }),
    })
    if (isHead) outgoing.end()
    else await this.#send(blob, outgoing, { start, end })
  }

  async #send(
    { seed }: ShelvedBlob,
    outgoing: ServerResponse,
    { start, end }: { readonly start: number; readonly end: number },
  ): Promise<void> {
    const tally = this.#tally
    const counted = function* () {
      for (const chunk of readSeededContent(seed, start, end)) {
        tally.blobBytes += chunk.length
        yield chunk
      }
    }
    // Who hangs up in the middle has the bytes until there counted, and that is all.
    await pipeline(Readable.from(counted(), { highWaterMark: 1 }), outgoing).catch(() => undefined)
  }
}

const pullScope = (repository: string): string => `repository:${repository}:pull`

const challenge = (url: URL, repository: string, outgoing: ServerResponse): void => {
  const scope = repository === '' ? '' : `,scope="${pullScope(repository)}"`
  refuse(outgoing, 401, {
    'www-authenticate': `Bearer realm="${url.origin}/token",service="replay"${scope}`,
  })
}

const refusalCodes: Readonly<Record<number, string>> = {
  401: 'UNAUTHORIZED',
  404: 'NOT_FOUND',
  416: 'SIZE_INVALID',
  429: 'TOOMANYREQUESTS',
}

const refuse = (
  outgoing: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
): void => {
  const code = refusalCodes[status] ?? 'UNKNOWN'
  outgoing.writeHead(status, { ...headers, 'content-type': 'application/json' })
  outgoing.end(JSON.stringify({ errors: [{ code, message: `replay's upstream says ${status}` }] }))
}
