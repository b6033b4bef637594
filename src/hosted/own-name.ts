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

type Rules = Pick<Config, 'upstreams' | 'hosted' | 'access'>

/** Docker Hub's official images are asked for without it, and so a name there couldn't be told from one here. */
const official = 'library/'

/**
 * Which repository a push is for. Throws RegistryError: NAME_INVALID, and DENIED for a name under which
 * an upstream is asked, or that `hosted.repositories` doesn't admit, and while nobody may push.
 */
export function resolveOwn(requested: RequestedName, rules: Rules): Repository {
  if (!isOpen(rules)) throw closed()
  return resolveName(requested, rules)
}

/** The same for who operates the server, whoever else may push. */
export function resolveName({ name, ns }: RequestedName, rules: Rules): Repository {
  const upstream = (ns || undefined) ?? upstreamIn(name, rules)
  if (upstream !== undefined) throw refuse(name, `it names the upstream ${quote(upstream)}`)
  const repository = parseRepository(name)
  const refusal = findRefusal(repository, rules)
  if (refusal) throw refusal
  return repository
}

/** Whether a push to it would be taken, of a name that is known to be none of an upstream's. */
export function mayPush(repository: Repository, rules: Rules): boolean {
  return isOpen(rules) && findRefusal(repository, rules) === undefined
}

function isOpen({ access }: Rules): boolean {
  return access.anonymous === 'push'
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
  const isUpstream = upstream !== undefined && upstreams.has(upstream)
  return isUpstream || looksLikeHost(first) ? first : undefined
}

const matchers = new WeakMap<readonly string[], (repository: string) => boolean>()

function isAdmitted(repository: Repository, globs: readonly string[]): boolean {
  const known = matchers.get(globs)
  const matches = known ?? (globs.length === 0 ? () => false : picomatch([...globs], { dot: true }))
  if (!known) matchers.set(globs, matches)
  return matches(repository)
}

function closed(): RegistryError {
  const what =
    'nobody may push here: "access: {anonymous: push}" in mirrors.yaml lets everyone who reaches this server'
  return new RegistryError('DENIED', what)
}

function refuse(name: string, why: string): RegistryError {
  const what = `nothing can be pushed to ${quote(name)}: ${why}. Push to a name of your own, such as team/app`
  return new RegistryError('DENIED', what)
}
