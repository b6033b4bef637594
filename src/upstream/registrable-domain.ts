/**
 * The part of a host's name that somebody has registered: `docker.io` of `auth.docker.io`; undefined
 * for an address, and for a suffix under which strangers register. github.io and the like are
 * suffixes too: two users' pages there are strangers to each other.
 */
export async function registrableDomain(hostname: string): Promise<string | undefined> {
  // The list of all suffixes takes 12 MB, and many servers never need it.
  const { getDomain } = await import('tldts')
  return getDomain(hostname, { allowPrivateDomains: true, validateHostname: true }) ?? undefined
}
