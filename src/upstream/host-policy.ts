import ipaddr from 'ipaddr.js'
import { registrableDomain } from './registrable-domain.ts'

/**
 * Which hosts an upstream may send us to, and with what (promise: credentials stay home). An
 * upstream is not trusted to choose addresses: it could name ours.
 */

/** Private, loopback, link-local, multicast, reserved and tunnelled addresses are not public. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast' && !isIpv4Compatible(parsed)
}

/** `::7f00:1` is 127.0.0.1 as IPv6 once wrote it (RFC 4291 §2.5.5.1); some systems still go there. */
function isIpv4Compatible(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address instanceof ipaddr.IPv6 && address.match(ipaddr.IPv6.parse('::'), 96)
}

/**
 * Whether a token realm is the registry's own: the same host or registrable domain, and not a step
 * down from https. Otherwise a registry could have our credentials sent anywhere (CVE-2026-33540).
 */
export async function isOwnRealm(realm: URL, registry: URL): Promise<boolean> {
  if (realm.protocol !== 'https:' && realm.protocol !== registry.protocol) return false
  if (realm.username || realm.password) return false
  if (realm.hostname === registry.hostname) return true
  const domain = await registrableDomain(realm.hostname)
  return domain !== undefined && domain === (await registrableDomain(registry.hostname))
}

/** Whether `host` of a URL is among `allowHosts`, whose entries are `host` or `host:port`. */
export function isListedHost(url: URL, allowHosts: readonly string[]): boolean {
  return allowHosts.some((entry) => entry === url.hostname || entry === hostWithPort(url))
}

function hostWithPort(url: URL): string {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return `${url.hostname}:${port}`
}
