import picomatch from 'picomatch'
import type { Config, UpstreamConfig } from '../config/config.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import { parseRepository, type Repository } from '../oci/repository.ts'
import { formatSource, type Source } from '../oci/source.ts'
import {
  dockerHub,
  looksLikeHost,
  readUpstreamName,
  type UpstreamName,
} from '../oci/upstream-name.ts'

export type RequestedName = {
  /** As it stands in the path, perhaps with the upstream in front. */
  readonly name: string
  /** The upstream of `/<upstream>/v2/`. */
  readonly view?: string | undefined
  /** The upstream of `?ns=`. */
  readonly ns?: string | undefined
}

type Rules = Pick<Config, 'upstreams' | 'defaultUpstream'>

/**
 * Which repository of which upstream a request means (the five forms of a name). Throws
 * RegistryError: NAME_UNKNOWN for an upstream that isn't configured, NAME_INVALID for a malformed
 * name, DENIED where allow and deny refuse it. A name without an upstream may be a hosted one's: for
 * that they are asked (checkAllowed) when it turns out not to be.
 */
export function resolveSource(requested: RequestedName, rules: Rules): Source {
  const { upstream, name, isNamed } = splitUpstream(requested, rules)
  const repository = parseRepository(completeName(upstream, name))
  if (!isNamed) return { upstream, repository, own: parseRepository(name) }
  const source = { upstream, repository }
  checkAllowed(source, rules)
  return source
}

/** An upstream named by itself, in a view or by `?ns=`; undefined where the request names none. */
export function resolveUpstream(
  { view, ns }: Pick<RequestedName, 'view' | 'ns'>,
  rules: Rules,
): UpstreamName | undefined {
  const fromView = view === undefined ? undefined : findUpstream(view, rules)
  const fromNs = ns === undefined || ns === '' ? undefined : findUpstream(ns, rules)
  if (fromView && fromNs && fromView !== fromNs) {
    throw twoUpstreams(fromView, fromNs)
  }
  return fromView ?? fromNs
}

function twoUpstreams(one: UpstreamName, other: UpstreamName): RegistryError {
  const what = `the request names ${one} and ${other}: name one upstream, in the path or by ns=`
  return new RegistryError('NAME_INVALID', what)
}

function splitUpstream(requested: RequestedName, rules: Rules) {
  const { name } = requested
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const rest = name.slice(slash + 1)
  const explicit = resolveUpstream(requested, rules)
  if (explicit) {
    // containerd with override_path names the upstream twice: in the path and as ns.
    const named = first === '' ? undefined : readUpstreamName(first)
    const isTwice = named === explicit
    if (named && !isTwice && rules.upstreams.has(named)) throw twoUpstreams(named, explicit)
    return { upstream: explicit, name: isTwice ? rest : name, isNamed: true }
  }
  const named = first === '' ? undefined : readUpstreamName(first)
  const isUpstream = named !== undefined && rules.upstreams.has(named)
  if (isUpstream || looksLikeHost(first))
    return { upstream: findUpstream(first, rules), name: rest, isNamed: true }
  return { upstream: rules.defaultUpstream, name, isNamed: false }
}

function findUpstream(host: string, { upstreams }: Rules): UpstreamName {
  const upstream = readUpstreamName(host)
  if (!upstream) {
    throw new RegistryError('NAME_INVALID', `${quote(host)} is not a registry host such as ghcr.io`)
  }
  // Not through "*": a name without a dot can only be a host inside.
  if (upstreams.has(upstream) || (upstreams.has('*') && upstream.includes('.'))) return upstream
  throw new RegistryError(
    'NAME_UNKNOWN',
    `${upstream} is not among the upstreams here: to mirror it, add "${upstream}: {}" under upstreams: in mirrors.yaml`,
  )
}

/** Docker Hub's official images: every client adds this, people who write the path by hand don't. */
function completeName(upstream: UpstreamName, name: string): string {
  return upstream === dockerHub && !name.includes('/') ? `library/${name}` : name
}

/** Throws RegistryError DENIED where allow and deny refuse it. */
export function checkAllowed(source: Source, { upstreams }: Rules): void {
  const config = upstreams.get(source.upstream) ?? upstreams.get('*')
  if (!config || isAllowed(config, source.repository)) return
  throw new RegistryError(
    'DENIED',
    `${formatSource(source)} is not mirrored here: allow: and deny: under upstreams: in mirrors.yaml say so`,
  )
}

type Matcher = (repository: string) => boolean
const matchers = new WeakMap<UpstreamConfig, { allow: Matcher; deny: Matcher }>()

function isAllowed(config: UpstreamConfig, repository: Repository): boolean {
  const known = matchers.get(config)
  const { allow, deny } = known ?? { allow: compile(config.allow), deny: compile(config.deny) }
  if (!known) matchers.set(config, { allow, deny })
  return allow(repository) && !deny(repository)
}

function compile(globs: readonly string[]): Matcher {
  return globs.length === 0 ? () => false : picomatch([...globs], { dot: true })
}
