import picomatch from 'picomatch'
import type { AccessRule, Config } from '../config/config.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, ownSource, pushedHere, type Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'

export type Action = AccessRule['may'][number]

/** Who asks: anybody, or somebody on the server's own machine, who may do everything there. */
export type Caller = 'anonymous' | 'operator'

type Settings = Pick<Config, 'access' | 'upstreams'>

type Rule = Pick<AccessRule, 'who' | 'may'> & { readonly isFor: (name: string) => boolean }

/**
 * Who may do what, by mirrors.yaml. What no rule allows is denied, but for what `access.anonymous` lets
 * everybody do: to pull all that isn't from an upstream with `private: true`, or to push as well.
 */
export class Access {
  #settings: Settings
  #rules: readonly Rule[]

  constructor(settings: Settings) {
    this.#settings = settings
    this.#rules = settings.access.rules.map(toRule)
  }

  /** Takes up a changed configuration. */
  configure(settings: Settings): void {
    this.#settings = settings
    this.#rules = settings.access.rules.map(toRule)
  }

  may(caller: Caller, action: Action, source: Source): boolean {
    if (caller === 'operator') return true
    const name = formatSource(source)
    const isAllowed = ({ who, may, isFor }: Rule) =>
      who === caller && may.includes(action) && isFor(name)
    return this.#isForEverybody(action, source) || this.#rules.some(isAllowed)
  }

  /** Throws RegistryError DENIED. */
  require(caller: Caller, action: Action, source: Source): void {
    if (!this.may(caller, action, source)) throw denied(action, source)
  }

  /** Of what only tells how the server does, and not what it has. */
  requireReader(caller: Caller): void {
    const isOpen = this.#settings.access.anonymous !== 'none' || caller === 'operator'
    if (isOpen) return
    const what = `access: {anonymous: none} in mirrors.yaml: only from the machine that the server runs on`
    throw new RegistryError('DENIED', what)
  }

  /** Of what may be about anything that is kept. Throws RegistryError DENIED. */
  requireAll(caller: Caller): void {
    this.requireReader(caller)
    const { upstreams } = this.#settings
    const hasPrivate = upstreams.values().some((upstream) => upstream.private)
    if (caller === 'operator' || !hasPrivate) return
    const what =
      'an upstream has private: true in mirrors.yaml, and whose digest it is is not known: ask by name, or from the machine that the server runs on'
    throw new RegistryError('DENIED', what)
  }

  /**
   * The source as the caller may pull it. Throws RegistryError DENIED. Where the name may be a hosted
   * repository's or an upstream's, only what answers knows which, and denies what `grants` leaves out.
   */
  admit(caller: Caller, { own, ...mirrored }: Source): Source {
    if (own === undefined) {
      this.require(caller, 'pull', mirrored)
      return mirrored
    }
    const hosted = ownSource(own)
    const grants = {
      pullOwn: this.may(caller, 'pull', hosted),
      pushOwn: this.may(caller, 'push', hosted),
      pullMirrored: this.may(caller, 'pull', mirrored),
    }
    if (!grants.pullOwn && !grants.pushOwn && !grants.pullMirrored) throw denied('pull', hosted)
    return { ...mirrored, own, grants }
  }

  #isForEverybody(action: Action, { upstream }: Source): boolean {
    const { access, upstreams } = this.#settings
    if (upstream === pushedHere && access.anonymous === 'push') return true
    const isPrivate = upstream !== pushedHere && isRuled(upstreams, upstream)
    return action === 'pull' && access.anonymous !== 'none' && !isPrivate
  }
}

/** Of what isn't configured any more nobody can say for whom it was. */
function isRuled(upstreams: Config['upstreams'], upstream: UpstreamName): boolean {
  return (upstreams.get(upstream) ?? upstreams.get('*'))?.private ?? true
}

/** Says nothing of whether there is such a repository. */
function denied(action: Action, source: Source): RegistryError {
  const name = formatSource(source)
  const isHosted = source.upstream === pushedHere
  const rule = `access: {rules: [{who: anonymous, repositories: "${name}", may: [${action}]}]}`
  const all =
    isHosted && action !== 'pull'
      ? 'access: {anonymous: push} lets everyone who reaches this server push and remove, and '
      : ''
  const what = `nobody may ${action} ${name}: in mirrors.yaml, ${all}${rule} lets everyone ${action} only that`
  return new RegistryError('DENIED', what, { isHosted })
}

function toRule({ who, may, repositories }: AccessRule): Rule {
  return { who, may, isFor: picomatch([...repositories], { dot: true }) }
}
