import type { Readable } from 'node:stream'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { describeFailure } from './describe-failure.ts'
import type { Dialer, Purpose } from './dialer.ts'
import { discardBody } from './response-body.ts'
import { UpstreamError } from './upstream-error.ts'

const maxRedirects = 5
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const userAgent = 'entrepot/0.1'

export type TransportRequest = {
  readonly method: 'GET' | 'HEAD'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** Sent to the URL's own origin only, never along a redirect to another. */
  readonly authorization?: string | undefined
  readonly followRedirects?: boolean
  /** Called when the URL itself has answered, if only with a redirect. */
  readonly onAnswer?: () => void
  /** Hears how many bytes of bodies come, of redirects too. */
  readonly onBytes?: (count: number) => void
  /** Hears why no more comes of an answer, also once it has begun. */
  readonly onBreak?: (error: Error) => void
  /** `answer` unless said otherwise. */
  readonly purpose?: Purpose
  readonly signal: AbortSignal
}

export type TransportResponse = {
  readonly status: number
  /** Where the answer came from in the end. */
  readonly url: URL
  header(name: string): string | undefined
  readonly body: Readable & { dump?: () => Promise<void> }
}

/** Sends requests for one upstream and follows its redirects; every status is an answer, every failure an UpstreamError. */
export class Transport {
  readonly #upstream: UpstreamName
  readonly #dialer: Dialer

  constructor(upstream: UpstreamName, dialer: Dialer) {
    this.#upstream = upstream
    this.#dialer = dialer
  }

  async send(options: TransportRequest): Promise<TransportResponse> {
    let url = options.url
    for (let hops = 0; hops <= maxRedirects; hops++) {
      const response = await this.#sendOnce(url, options)
      if (hops === 0) options.onAnswer?.()
      const isRedirect = redirectStatuses.has(response.status)
      if (!isRedirect || options.followRedirects === false) return response
      await discardBody(response.body)
      url = this.#readLocation(url, response.header('location'))
    }
    throw this.#invalid(`redirected more than ${maxRedirects} times`)
  }

  async #sendOnce(url: URL, options: TransportRequest): Promise<TransportResponse> {
    const { authorization } = options
    const mayAuthorize = authorization !== undefined && url.origin === options.url.origin
    try {
      const { request } = await import('./undici.ts')
      const dispatcher = await this.#dialer.dispatcherFor(url, options.purpose ?? 'answer')
      const { statusCode, headers, body } = await request(dispatcher, url, {
        method: options.method,
        signal: options.signal,
        onBytes: options.onBytes,
        onBreak: options.onBreak,
        headers: {
          'user-agent': userAgent,
          'accept-encoding': 'identity',
          ...options.headers,
          ...(mayAuthorize ? { authorization } : {}),
        },
      })
      return { status: statusCode, url, header: (name) => firstValue(headers[name]), body }
    } catch (error) {
      const isElsewhere = url.origin !== options.url.origin
      throw describeFailure(this.#upstream, error, { isElsewhere })
    }
  }

  #readLocation(from: URL, location: string | undefined): URL {
    const to = location && URL.canParse(location, from) ? new URL(location, from) : undefined
    if (!to) throw this.#invalid('redirected to nowhere')
    if (to.protocol !== 'https:' && to.protocol !== from.protocol) {
      throw this.#invalid(
        `redirected from ${from.protocol} to ${to.protocol}, which isn't followed`,
      )
    }
    // A user and password in a Location would be credentials of somebody's choosing.
    to.username = ''
    to.password = ''
    return to
  }

  #invalid(what: string): UpstreamError {
    return new UpstreamError(this.#upstream, 'invalid', what)
  }
}

function firstValue(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}

/** Undefined where the header is missing or no number of bytes. */
export function readContentLength(response: Pick<TransportResponse, 'header'>): number | undefined {
  const length = response.header('content-length')
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}
