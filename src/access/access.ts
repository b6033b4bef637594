import type { AccessRule, Config } from '../config/config.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, ownSource, pushedHere, type Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { type Caller, formatCaller, isStranger } from './caller.ts'
import { denied, deniedEverything, deniedReading } from './denied.ts'
import { type Action, Rules, type Subject } from './rules.ts'

export type { Action } from './rules.ts'

const actions: readonly Action[] = ['pull', 'push', 'delete', 'admin']

type Settings = Pick<Config, 'access' | 'upstreams'>

/** `because` is for people: which setting decided. */
export type Decision = { readonly isAllowed: boolean; readonly because: string }

/**
 * Who may do what, by mirrors.yaml and by what tokens were given. What nothing allows is denied; but users may
 * all that isn't private, as long as no rule is about anyone who is logged in.
 */
export class Access {
  #settings: Settings
  #rules: Rules

  constructor(settings: Settings) {
    this.#settings = settings
    this.#rules = new Rules(settings.access)
  }

  /** Takes up a changed configuration. */
  configure(settings: Settings): void {
    this.#settings = settings
    this.#rules = new Rules(settings.access)
  }

  /** Rules are about its members: it is nobody's name. */
  isGroup(name: string): boolean {
    return this.#settings.access.groups.has(name)
  }

  /** Whether users may all but what is private, since no rule is about who is logged in. */
  get isUnruled(): boolean {
    return !this.#rules.areAboutLogins
  }

  /** Rules that are about the caller, in their order. */
  listRules(caller: Caller): readonly AccessRule[] {
    return this.#rules.listAbout(caller)
  }

  /** What mirrors.yaml says of who may what. */
  describeRules() {
    const { access, upstreams } = this.#settings
    const privateUpstreams = [...upstreams].flatMap(([name, each]) => (each.private ? [name] : []))
    return { ...access, privateUpstreams }
  }

  may(caller: Caller, action: Action, source: Source): boolean {
    return this.decide(caller, action, source).isAllowed
  }

  decide(caller: Caller, action: Action, source: Source): Decision {
    if (caller.kind === 'operator') return allowed('whoever operates the server may do everything')
    const open = this.#whyForEverybody(action, source)
    if (open !== undefined) return allowed(open)
    const isPrivate = isOfPrivate(this.#settings.upstreams, source.upstream)
    return this.#decideFor(caller, action, { name: formatSource(source) }, isPrivate)
  }

  /** Of what is about all that is kept. */
  decideEverything(caller: Caller, action: Action): Decision {
    if (caller.kind === 'operator') return allowed('whoever operates the server may do everything')
    return this.#decideFor(caller, action, 'everything', false)
  }

  /** Throws RegistryError UNAUTHORIZED where nobody has logged in yet who could, else DENIED. */
  require(caller: Caller, action: Action, source: Source): void {
    const { isAllowed, because } = this.decide(caller, action, source)
    if (!isAllowed) throw denied({ caller, action, source, because })
  }

  /** Throws as `require`. */
  requireAdmin(caller: Caller): void {
    if (!this.decideEverything(caller, 'admin').isAllowed) throw deniedEverything(caller)
  }

  /**
   * For who changes users and tokens: with a token that is for less than everything one could make another that
   * is for more. Throws as `require`.
   */
  requireAccountsAdmin(caller: Caller): void {
    this.requireAdmin(caller)
    const isByToken = caller.kind === 'token' || (caller.kind === 'user' && caller.limit)
    const isForAll = actions.every((action) => this.decideEverything(caller, action).isAllowed)
    if (!isByToken || isForAll) return
    const what = `${formatCaller(caller)} may not change users and tokens: wanted an admin's password, or a token that may ${actions.join(', ')} everything`
    throw new RegistryError('DENIED', what)
  }

  /** Of what only tells how the server does, and not what it has. */
  requireReader(caller: Caller): void {
    const isOpen = this.#settings.access.anonymous !== 'none'
    if (!isOpen && caller.kind === 'anonymous') throw deniedReading(caller)
  }

  /** Of what may be about anything that is kept: `what` says why, and what to do. */
  requireAll(caller: Caller, what: string): void {
    if (!this.mayPullAll(caller)) throw new RegistryError('DENIED', what)
  }

  mayPullAll(caller: Caller): boolean {
    const { upstreams, access } = this.#settings
    const hasPrivate = upstreams.values().some((upstream) => upstream.private)
    const isOpen = access.anonymous !== 'none' && !hasPrivate
    if (isOpen || caller.kind === 'operator') return true
    // Users may all but what is private, as long as no rule is about them.
    return this.#decideFor(caller, 'pull', 'everything', hasPrivate).isAllowed
  }

  /** Who pulls, of all images together, and by which login and address this server does. */
  maySeeNames(caller: Caller): boolean {
    return !isStranger(caller) && this.mayPullAll(caller)
  }

  /**
   * The source as the caller may pull it. Throws as `require`. Where the name may be a hosted
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
    const isNothing = !grants.pullOwn && !grants.pushOwn && !grants.pullMirrored
    if (isNothing) this.require(caller, 'pull', hosted)
    return { ...mirrored, own, grants }
  }

  #whyForEverybody(action: Action, { upstream }: Source): string | undefined {
    const { access, upstreams } = this.#settings
    const isHosted = upstream === pushedHere
    if (isHosted && action !== 'admin' && access.anonymous === 'push')
      return 'access.anonymous: push lets everybody'
    const isOpen = action === 'pull' && access.anonymous !== 'none'
    const isPrivate = !isHosted && isOfPrivate(upstreams, upstream)
    return isOpen && !isPrivate ? `access.anonymous: ${access.anonymous} lets everybody` : undefined
  }

  #decideFor(caller: Caller, action: Action, subject: Subject, isPrivate: boolean): Decision {
    const forAll = this.#rules.find({ kind: 'anonymous' }, action, subject)
    if (forAll) return allowed('a rule for anonymous lets everybody')
    if (
      caller.kind === 'user' &&
      caller.limit &&
      !this.#rules.covers(caller.limit, action, subject)
    )
      return refused(`the token ${caller.token ?? ''} is not for that`)
    if (
      caller.kind === 'token' &&
      caller.grant &&
      this.#rules.covers(caller.grant, action, subject)
    )
      return allowed(`the token ${caller.name} was made for that`)
    const rule = this.#rules.find(caller, action, subject)
    if (rule)
      return allowed(`the rule for ${rule.who} with ${rule.repositories.join(', ')} allows it`)
    if (caller.kind !== 'user' || caller.isCertified || this.#rules.areAboutLogins)
      return refused('no rule under access.rules in mirrors.yaml allows it')
    if (isPrivate) return refused('the upstream has private: true, and no rule allows it')
    return allowed('users may everything as long as no rule is about them')
  }
}

function allowed(because: string): Decision {
  return { isAllowed: true, because }
}

function refused(because: string): Decision {
  return { isAllowed: false, because }
}

/** Of what isn't configured any more nobody can say for whom it was. */
function isOfPrivate(upstreams: Config['upstreams'], upstream: UpstreamName): boolean {
  if (upstream === pushedHere) return false
  return (upstreams.get(upstream) ?? upstreams.get('*'))?.private ?? true
}
