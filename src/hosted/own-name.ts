import picomatch from 'picomatch'
import type { Config } from '../config/config.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import { parseRepository, type Repository } from '../oci/repository.ts'
import { looksLikeHost, readUpstreamName } from '../oci/upstream-name.ts'

/** How a request names a repository. */
export type RequestedName = {
  /** As it stands in the path. */
  readonly name: string
  /** The upstream of `?ns=`. */
  readonly ns?: string | undefined
}

type Rules = Pick<Config, 'upstreams' | 'hosted'>

/** Docker Hub's official images are asked for without it, and so a name there couldn't be told from one here. */
const official = 'library/'

/**
 * Which repository a push is for, whoever may push to it. Throws RegistryError: NAME_INVALID, and DENIED
 * for a name under which an upstream is asked, or that `hosted.repositories` doesn't admit.
 */
export function resolveOwn({ name, ns }: RequestedName, rules: Rules): Repository {
  const upstream = (ns || undefined) ?? upstreamIn(name, rules)
  if (upstream !== undefined) throw refuse(name, `it names the upstream ${quote(upstream)}`)
  const repository = parseRepository(name)
  const refusal = findRefusal(repository, rules)
  if (refusal) throw refusal
  return repository
}

/** Whether it may be a hosted repository's name, where it is known to be none of an upstream's. */
export function isOwnName(repository: Repository, rules: Rules): boolean {
  return findRefusal(repository, rules) === undefined
}

function findRefusal(repository: Repository, rules: Rules): RegistryError | undefined {
  if (repository.startsWith(official))
    return refuse(repository, "library/ holds Docker Hub's images")
  if (isAdmitted(repository, rules.hosted.repositories)) return undefined
  return refuse(repository, 'hosted.repositories: in mirrors.yaml does not admit it')
}

/** The first part, where it can only be an upstream. */
function upstreamIn(name: string, { upstreams }: Rules): string | undefined {
  const slash = name.indexOf('/')
  if (slash < 0) return undefined
  const first = name.slice(0, slash)
  const upstream = readUpstreamName(first)
  if (upstream === undefined) return undefined
  return upstreams.has(upstream) || looksLikeHost(first) ? first : undefined
}

const matchers = new WeakMap<readonly string[], (repository: string) => boolean>()

function isAdmitted(repository: Repository, globs: readonly string[]): boolean {
  const known = matchers.get(globs)
  const matches = known ?? (globs.length === 0 ? () => false : picomatch([...globs], { dot: true }))
  if (!known) matchers.set(globs, matches)
  return matches(repository)
}

function refuse(name: string, why: string): RegistryError {
  const what = `nothing can be pushed to ${quote(name)}: ${why}. Push to a name of your own, such as team/app`
  return new RegistryError('DENIED', what)
}
