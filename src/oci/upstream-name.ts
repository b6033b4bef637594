declare const brand: unique symbol

/** A registry's host as mirrors.yaml names it, lower-case, with `:port` where it has one. */
export type UpstreamName = string & { readonly [brand]: 'upstream' }

export const dockerHub = 'docker.io' as UpstreamName

const dockerHubAliases = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])
const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?'
const hostPattern = new RegExp(`^${label}(?:\\.${label})*(?:[:_][0-9]{1,5})?$`)
const maxLength = 253

/**
 * Reads a host as clients write it. Docker Hub's three names are one; `host_5000` stands for
 * `host:5000`, since a colon is not legal in an image name's path. Undefined if it is no host.
 */
export function readUpstreamName(text: string): UpstreamName | undefined {
  const host = text.toLowerCase()
  if (host.length > maxLength || !hostPattern.test(host)) return undefined
  if (dockerHubAliases.has(host)) return dockerHub
  const name = host.replace('_', ':')
  // 1.2.3.999 and host:99999 pass the pattern, but no URL can hold them.
  return URL.canParse(`https://${name}`) ? (name as UpstreamName) : undefined
}

/** Whether a name's first part can only be a host: it has a dot or a port, or is localhost. */
export function looksLikeHost(part: string): boolean {
  return part === 'localhost' || /[.:]/.test(part) || /^localhost_[0-9]{1,5}$/.test(part)
}
