import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Access } from '../access/access.ts'
import type { Caller, Scope } from '../access/caller.ts'
import type { AnyHosted } from '../hosted/any-hosted.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { AskedKind } from '../traffic/answered.ts'
import type { TallyRow } from '../traffic/tally.ts'
import type { Authentication } from './authentication.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { TokenFault } from './challenge.ts'
import type { HotAnswers, KeepHot } from './hot-answers.ts'
import type { Outside } from './outside.ts'

/** What handlers add to the one line that a request leaves in the log. */
export type RequestFacts = {
  /** The address of whoever asks, in front of trusted proxies. */
  readonly client: string
  /** Of a pull, as the ledger counts it. */
  asked?: Asking
  upstream?: string
  repository?: string
  /** The repository's name, should it turn out to be hosted here. */
  own?: string
  reference?: string
  cache?: string
  /** Body bytes written to the client; those of a whole in memory count only if its answer finishes. */
  bytes: number
  error?: string
  /** Who asks, as formatCaller writes it. */
  who?: string
  /** To what something is done that isn't one image. */
  subject?: string
  /** What came of it, in a few words. */
  outcome?: string | undefined
  /** Nothing is done: it is only said what would be. */
  dryRun?: true
}

export type Asking = {
  readonly kind: AskedKind
  /** Whether an image is pulled by it, if its answer is whole. */
  readonly isPull?: boolean
  /** Of the body, where it streams. */
  readonly sizeBytes?: number
  /** Where it was counted last: of an answer that is given again, the next one is often the same client's. */
  counted?: Counted
}

type Counted = { readonly row: TallyRow; readonly generation: number }

/** What every handler finds in its context. */
export type Environment = {
  Bindings: HttpBindings
  Variables: {
    readonly facts: RequestFacts
    readonly outside: Outside
    /** Of the API. */
    readonly caller: Caller
    /** What the request wants a token of `/token` for. */
    readonly wanted: Scope | undefined
    readonly tokenFault: TokenFault | undefined
  }
}

export type RequestContext = Context<Environment>

/** A request's target, as the outside has it: the raw path, and the query. */
export type RequestUrl = { readonly path: string; readonly query: URLSearchParams }

/** What the registry's handlers work with. */
export type Registry = {
  readonly mirror: AnyMirror
  readonly hosted: AnyHosted
  readonly access: Access
  readonly authentication: Authentication
  /** The upstream that this port's root is a view of; undefined on the main port. */
  readonly view: string | undefined
  readonly buffers: BufferPool
  /** Where answers are left that may be given again. */
  readonly hot: HotAnswers
}

/** The same for one request. */
export type Asked = Pick<Registry, 'mirror' | 'buffers'> & { readonly keepHot: KeepHot }
