import { isIPv4, isIPv6, SocketAddress } from 'node:net'

/** An address with a port behind it, or an IPv6 address in brackets (RFC 7239 §6). */
const nodePattern = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::(?:\d{1,5}|_[\w.-]+))?$/i

/** Of a socket: IPv4 reads the same on one that takes both kinds, and a zone means nothing elsewhere. */
export function plainAddress(address = ''): string {
  return address.replace(/^::ffff:/, '').replace(/%.*$/, '')
}

/** What a proxy wrote of an address, as a socket would have it; undefined where it is hidden or is none. */
export function readAddress(text = ''): string | undefined {
  if (isIPv4(text)) return text
  const [, bracketed, plain] = nodePattern.exec(text) ?? []
  const address = bracketed ?? plain ?? plainAddress(text)
  if (isIPv4(address)) return address
  if (!isIPv6(address)) return undefined
  return plainAddress(new SocketAddress({ address, family: 'ipv6' }).address)
}
