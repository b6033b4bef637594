export type Action = 'pull' | 'push' | 'delete' | 'admin'

/** `GET /api/v1/users`: by name. */
export type UsersAnswer = { readonly users: readonly UserAnswer[] }

export type UserAnswer = {
  readonly name: string
  readonly admin: boolean
  /** Whether it may all but what is private, since no rule is about who is logged in. */
  readonly unruled: boolean
  /** Of `access.rules`, those that are about the user. */
  readonly rules: readonly RuleAnswer[]
  /** Why nobody can log in by that name, where nobody can. */
  readonly problem?: string | undefined
  /** ISO 8601, as all times; missing where it isn't known. */
  readonly lastSeen?: string | undefined
  /** That act for the user. */
  readonly tokens: number
  /** Browsers that are logged in. */
  readonly sessions: number
}

/** `POST /api/v1/users/add` and `/users/remove`: so many tokens and logins of browsers that acted for such a user are gone. */
export type UserChangeAnswer = { readonly user: string; readonly removedTokens: number }

/** `GET /api/v1/tokens`: by name. */
export type TokensAnswer = { readonly tokens: readonly TokenAnswer[] }

export type TokenAnswer = {
  readonly name: string
  /** For whom it acts; missing of one that stands for itself. */
  readonly user?: string | undefined
  /** What it may by itself, or to what it is limited; missing where nothing was said. */
  readonly may?: readonly Action[] | undefined
  /** Patterns for `may`; missing for all. */
  readonly repositories?: readonly string[] | undefined
  readonly created: string
  /** Missing of one that doesn't end. */
  readonly expires?: string | undefined
  /** Missing of one that was never used. */
  readonly lastUsed?: string | undefined
  /** It is good for nothing any more: it has ended, or its user is gone. */
  readonly over: boolean
}

/** `POST /api/v1/tokens/create`: the one time that the secret is shown. */
export type CreatedTokenAnswer = TokenAnswer & { readonly token: string }

/** `GET /api/v1/access`: what mirrors.yaml says of who may what. */
export type RulesAnswer = {
  readonly anonymous: 'none' | 'pull' | 'push'
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly rules: readonly RuleAnswer[]
  /** Whether users may all but what is private, since no rule is about who is logged in. */
  readonly unruled: boolean
  /** Upstreams of which nothing is pulled without a rule. */
  readonly privateUpstreams: readonly string[]
}

export type RuleAnswer = {
  readonly who: string
  readonly repositories: readonly string[]
  readonly may: readonly Action[]
}

/** `GET /api/v1/access/try?user=&action=&repository=`. */
export type TryAnswer = {
  readonly user: string
  readonly action: Action
  /** A name without an upstream may be pushed here or the default upstream's: then there are two. */
  readonly answers: readonly TriedAnswer[]
  /** Where the name is nobody's, or the token has ended. */
  readonly note?: string | undefined
}

export type TriedAnswer = {
  /** Missing where it is about all there is. */
  readonly repository?: string | undefined
  readonly allowed: boolean
  /** Which setting decided. */
  readonly because: string
}

/** `GET /api/v1/audit?who=&what=&repository=&result=&since=&before=&limit=`: the newest first. */
export type AuditAnswer = {
  readonly records: readonly AuditAnswerRecord[]
  /** Where older ones begin, as `before`, if there are any. */
  readonly next?: number | undefined
}

export type AuditAnswerRecord = {
  readonly id: number
  readonly at: string
  /** When it happened for the last of `times`, where that is more than once. */
  readonly until?: string | undefined
  readonly times: number
  readonly who: string
  /** An address; missing for the command line and the server itself. */
  readonly from?: string | undefined
  readonly what: string
  readonly subject: string
  readonly result: 'ok' | 'denied' | 'failed'
  readonly detail?: string | undefined
}
