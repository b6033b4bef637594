import type { Config } from '../config/config.ts'
import { dockerHub, looksLikeHost, readUpstreamName } from '../oci/upstream-name.ts'

type Rules = Pick<Config, 'upstreams' | 'defaultUpstream'>

const globCharacters = /[*?[\]{}()!+|]/

/**
 * A pattern as images are called here, which is what it is held against: `node:20` and
 * `index.docker.io/node:20` are `docker.io/library/node:20`. One that stands for upstreams itself
 * stays as it is: `**`, `*.io/team/**`.
 */
export function completePattern(text: string, { upstreams, defaultUpstream }: Rules): string {
  const slash = text.indexOf('/')
  const first = text.slice(0, Math.max(slash, 0))
  if (text.startsWith('**') || globCharacters.test(first)) return text
  const named = readUpstreamName(first)
  const isNamed = named !== undefined && (upstreams.has(named) || looksLikeHost(first))
  if (!isNamed && looksLikeHost(first)) return text
  const [upstream, rest] = isNamed ? [named, text.slice(slash + 1)] : [defaultUpstream, text]
  const isOfficial = upstream === dockerHub && !rest.includes('/') && !rest.startsWith('**')
  return `${upstream}/${isOfficial ? 'library/' : ''}${rest}`
}
