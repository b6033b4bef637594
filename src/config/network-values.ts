import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { readUpstreamName, type UpstreamName } from '../oci/upstream-name.ts'
import type { Address } from './config.ts'
import { textOf } from './plain-values.ts'
import { ValueError } from './value-error.ts'

const wantedHost = 'a host such as ghcr.io or registry.local:5000'
const highestPort = 65_535
const label = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
const hostNamePattern = new RegExp(`^${label}(?:\\.${label})*$`)

/** Reads `0.0.0.0:5000`, `[::]:5000` or `localhost:5000`; port 0 lets the system choose one. */
export function parseAddress(value: unknown): Address {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):([0-9]{1,5})$/.exec(textOf(value))
  const [, bracketed, plain = '', port] = match ?? []
  const isHost = bracketed === undefined ? isHostName(plain) : isIPv6(bracketed)
  if (!match || !isHost || Number(port) > highestPort) {
    throw new ValueError(value, 'an address with its port, such as 0.0.0.0:5000 or [::]:5000')
  }
  return { host: bracketed ?? plain, port: Number(port) }
}

export function formatAddress({ host, port }: Address): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

/** Reads a range of addresses; a single address is a range of one. */
export function parseCidr(value: unknown): string {
  // A zone, which Node would take in any form, means something on one machine alone.
  if (typeof value === 'string' && !value.includes('%')) {
    if (isIPv4(value)) return `${value}/32`
    if (isIPv6(value)) return `${value}/128`
    // ipaddr.js alone would also take short forms such as 10.1/16, which mean 10.0.0.1.
    const address = value.split('/')[0] ?? ''
    if ((isIPv4(address) || isIPv6(address)) && ipaddr.isValidCIDR(value)) return value
  }
  throw new ValueError(value, 'a range of addresses such as 10.0.3.0/24')
}

/** Reads a registry's URL as its origin, `https://host:port`. */
export function parseRegistryUrl(value: unknown): string {
  const url = parseHttpUrl(value)
  if (url.username !== '' || url.password !== '') {
    throw new ValueError(value, 'a URL without a login; put it into username and password')
  }
  if (/[?#]/.test(String(value))) throw new ValueError(value, 'a URL without ? and #')
  if (url.pathname !== '/') {
    throw new ValueError(value, `${url.origin}, since a registry answers at /v2/ of its host`)
  }
  return url.origin
}

/** Reads a URL of the web; its path and query are its owner's business. */
export function parseWebUrl(value: unknown): string {
  return parseHttpUrl(value).href
}

export function parsePostgresUrl(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  const isPostgres = url?.protocol === 'postgres:' || url?.protocol === 'postgresql:'
  if (!isPostgres) throw new ValueError(value, 'sqlite, or postgres://user:password@host/database')
  return String(value)
}

/** Reads a host in lower case, with a port or without. */
export function parseHost(value: unknown): string {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::([0-9]{1,5}))?$/.exec(textOf(value))
  const [, bracketed, plain = '', port = '1'] = match ?? []
  const isHost = bracketed === undefined ? isHostName(plain) : isIPv6(bracketed)
  if (!match || !isHost || Number(port) > highestPort) throw new ValueError(value, wantedHost)
  return String(value).toLowerCase()
}

/** Reads an upstream's name; Docker Hub's other names are refused, so that it has one entry. */
export function parseUpstreamHost(value: unknown): UpstreamName {
  const name = typeof value === 'string' ? readUpstreamName(value) : undefined
  if (name === undefined || Number(name.split(':')[1] ?? 1) > highestPort) {
    throw new ValueError(value, wantedHost)
  }
  if (name !== value) throw new ValueError(value, `the name ${name}`)
  return name
}

/** Reads the name of an upstream under any of its names. */
export function parseDefaultUpstream(value: unknown): UpstreamName {
  const name = typeof value === 'string' ? readUpstreamName(value) : undefined
  if (name === undefined) throw new ValueError(value, wantedHost)
  return name
}

function isHostName(text: string): boolean {
  const looksLikeIPv4 = /^[0-9.]+$/.test(text)
  return looksLikeIPv4 ? isIPv4(text) : hostNamePattern.test(text)
}

function parseHttpUrl(value: unknown): URL {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (url && (url.protocol === 'https:' || url.protocol === 'http:')) return url
  throw new ValueError(value, 'a URL that begins with https:// or http://')
}
