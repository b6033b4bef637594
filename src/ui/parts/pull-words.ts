/** In words, what `X-Entrepot-Cache` says. */
export function originOf(cache: string): string {
  const words: Readonly<Record<string, string>> = {
    hit: 'from cache',
    miss: 'from upstream',
    stale: 'from cache, unchecked',
    pass: 'passed through',
    hosted: 'an own image',
  }
  return words[cache] ?? cache
}

/** Whoever isn't logged in isn't told who pulls. */
export function pullerOf({ client, user }: { client?: string; user?: string }): string {
  if (user) return `${user} at ${client}`
  return client || 'a client'
}
