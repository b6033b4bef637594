import picomatch from 'picomatch'
import type { AccessRule, Config } from '../config/config.ts'
import type { Caller, Grant } from './caller.ts'

export type Action = AccessRule['may'][number]

/** What is decided about: a repository by how formatSource writes it, or everything there is. */
export type Subject = { readonly name: string } | 'everything'

type Compiled = { readonly rule: AccessRule; readonly isFor: (name: string) => boolean }

/** `access.rules` of mirrors.yaml, and the groups that they are about. */
export class Rules {
  readonly #rules: readonly Compiled[]
  readonly #groups: Config['access']['groups']
  /** Of what tokens were given: they come again with each request. */
  readonly #matchers = new WeakMap<Grant, (name: string) => boolean>()
  /** Whether any is about somebody who is logged in: until then nothing says who of them may what. */
  readonly areAboutLogins: boolean

  constructor({ rules, groups }: Config['access']) {
    this.#groups = groups
    this.#rules = rules.map((rule) => ({ rule, isFor: toMatcher(rule.repositories) }))
    this.areAboutLogins = rules.some(({ who }) => who !== 'anonymous')
  }

  /** The first that lets the caller do so. */
  find(caller: Caller, action: Action, subject: Subject): AccessRule | undefined {
    const found = this.#rules.find(
      ({ rule, isFor }) =>
        rule.may.includes(action) &&
        this.#isAbout(rule, caller) &&
        (subject === 'everything' ? isForAll(rule) : isFor(subject.name)),
    )
    return found?.rule
  }

  /** All that are about the caller, in their order. */
  listAbout(caller: Caller): readonly AccessRule[] {
    return this.#rules.map(({ rule }) => rule).filter((rule) => this.#isAbout(rule, caller))
  }

  /** Whether what a token was given covers it. */
  covers(grant: Grant, action: Action, subject: Subject): boolean {
    if (!grant.may.includes(action)) return false
    return subject === 'everything' ? isForAll(grant) : this.#matcherOf(grant)(subject.name)
  }

  #matcherOf(grant: Grant): (name: string) => boolean {
    const known = this.#matchers.get(grant)
    if (known) return known
    const matcher = toMatcher(grant.repositories)
    this.#matchers.set(grant, matcher)
    return matcher
  }

  #isAbout({ who }: AccessRule, caller: Caller): boolean {
    if (who === 'anonymous') return true
    if (caller.kind !== 'user' && caller.kind !== 'token') return false
    if (who === 'users') return caller.kind === 'user'
    // A group's name is nobody's, whatever a certificate says.
    return this.#groups.get(who)?.includes(caller.name) ?? who === caller.name
  }
}

/** Only of what says so: nobody can tell whether other patterns leave something out. */
function isForAll({ repositories }: Pick<Grant, 'repositories'>): boolean {
  return repositories.includes('**')
}

function toMatcher(globs: readonly string[]): (name: string) => boolean {
  return picomatch([...globs], { dot: true })
}
