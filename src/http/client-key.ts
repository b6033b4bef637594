import ipaddr from 'ipaddr.js'

/** Of an IPv6 address: what a network gives to one customer, who chooses the rest. */
const networkParts = 4

/** Whom limits take for one client: an IPv4 address, or the first half of an IPv6 address. */
export function clientKey(address = ''): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!ipaddr.IPv6.isValid(plain)) return plain
  const { parts } = ipaddr.IPv6.parse(plain)
  return parts
    .slice(0, networkParts)
    .map((part) => part.toString(16))
    .join(':')
}
