import type { IncomingHttpHeaders } from 'node:http'
import { readAddress } from './address.ts'

export type Scheme = 'http' | 'https'

/** What one proxy says of the request that reached it; what is malformed isn't said. */
export type Hop = {
  /** Who asked it. */
  readonly from: string | undefined
  readonly scheme: Scheme | undefined
  /** As the client named it, with its port. */
  readonly host: string | undefined
}

type Header = IncomingHttpHeaders[string]

/** Nobody has more proxies; what else stands in front of them costs no time. */
const mostHops = 16
const longestPrefix = 256
const hostPattern = /^(?:\[[\da-f:.]{2,45}\]|[a-z\d_][\w.-]{0,252})(?::\d{1,5})?$/i
/** Nothing that a client could take for another host, or that leads up again. */
const prefixPattern = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*$/
/** `for="[2001:db8::1]:4711"` and what ends it; all of it optional but the end (RFC 7239 §4). */
const pairPattern =
  /(?:[ \t]*([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?[ \t]*(;|,|$)/y

/**
 * What the proxies of a request say, the outermost first. `Forwarded` counts only where there is no
 * X-Forwarded-For, -Proto or -Host: the usual proxies write those, and pass on what a client wrote
 * into `Forwarded`.
 */
export function readHops(headers: IncomingHttpHeaders): readonly Hop[] {
  const from = readList(headers['x-forwarded-for'])
  const schemes = readList(headers['x-forwarded-proto'])
  const hosts = readList(headers['x-forwarded-host'])
  const count = Math.max(from.length, schemes.length, hosts.length)
  if (count === 0) return readForwarded(headers.forwarded)
  // The last of each list was written by the proxy that is next to us.
  return Array.from({ length: count }, (_, index) => ({
    from: readAddress(from.at(index - count)),
    scheme: readScheme(schemes.at(index - count)),
    host: readHost(hosts.at(index - count)),
  }))
}

/** A host as it may stand in a URL, with or without a port. */
export function readHost(text = ''): string | undefined {
  const isHost = hostPattern.test(text) && URL.canParse(`http://${text}`)
  return isHost ? text.toLowerCase() : undefined
}

/** What proxies took off the path, the outermost first: `/registry`, or empty. */
export function readPrefix(header: Header): string {
  const prefix = readList(header)
    .map((part) => part.replace(/\/$/, ''))
    .join('')
  return prefix.length <= longestPrefix && prefixPattern.test(prefix) ? prefix : ''
}

function readForwarded(header: string | undefined): readonly Hop[] {
  if (header === undefined) return []
  return parseElements(header)
    .filter((pairs) => pairs.size > 0)
    .slice(-mostHops)
    .map((pairs) => ({
      from: readAddress(pairs.get('for')),
      scheme: readScheme(pairs.get('proto')),
      host: readHost(pairs.get('host')),
    }))
}

/** Nothing of a header that is malformed anywhere: one open quote would hide what stands behind it. */
function parseElements(text: string): readonly ReadonlyMap<string, string>[] {
  let pairs = new Map<string, string>()
  const elements = [pairs]
  pairPattern.lastIndex = 0
  for (;;) {
    const [, name, quoted, plain = '', end] = pairPattern.exec(text) ?? []
    if (end === undefined) return []
    if (name) pairs.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain)
    if (end === '') return elements
    if (end === ';') continue
    pairs = new Map()
    elements.push(pairs)
  }
}

/** Several headers of one name are one list; Node has joined them. */
function readList(header: Header): readonly string[] {
  if (header === undefined) return []
  const parts = String(header).split(',').slice(-mostHops)
  return parts.map((part) => part.trim())
}

function readScheme(text = ''): Scheme | undefined {
  const scheme = text.toLowerCase()
  return scheme === 'http' || scheme === 'https' ? scheme : undefined
}
