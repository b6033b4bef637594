import { BlockList, isIP, isIPv6 } from 'node:net'

/** Of checked CIDRs. */
export function readRanges(cidrs: readonly string[]): BlockList {
  const ranges = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.split('/')
    ranges.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return ranges
}

export function isWithin(address: string, ranges: BlockList): boolean {
  const family = isIP(address)
  return family !== 0 && ranges.check(address, family === 6 ? 'ipv6' : 'ipv4')
}
