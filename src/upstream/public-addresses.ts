import { type LookupAddress, lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { buildConnector } from 'undici'
import { isPublicAddress } from './host-policy.ts'

export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError'
}

/** An address literal is dialled without a lookup, so it is checked on its own. */
export function refusingLiterals(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) && !isPublicAddress(host)) return callback(forbid(host), null)
    connect(options, callback)
  }
}

export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first, ...others] = error ? [] : addresses.filter((a) => isPublicAddress(a.address))
    if (error) return callback(error, '', 0)
    if (!first) return callback(forbid(hostname), '', 0)
    if (options.all) return callback(null, [first, ...others])
    callback(null, first.address, first.family)
  })
}

export function forbid(host: string): ForbiddenAddressError {
  return new ForbiddenAddressError(`${host} has no public address and isn't in allowHosts`)
}
