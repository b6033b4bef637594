import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Mirror } from '../mirror/mirror.ts'
import type { RequestFacts } from './request-log.ts'

/** What every handler finds in its context. */
export type Environment = {
  Bindings: HttpBindings
  Variables: { readonly facts: RequestFacts }
}

export type RequestContext = Context<Environment>

/** What the registry's handlers work with. */
export type Registry = {
  readonly mirror: Mirror
  /** The upstream that this port's root is a view of; undefined on the main port. */
  readonly view: string | undefined
}
