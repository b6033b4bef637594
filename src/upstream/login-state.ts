import type { Challenge } from './challenge.ts'

/** How a registry knows us; never a secret. */
export type LoginState = {
  /** Whether mirrors.yaml has a login for it. */
  readonly configured: boolean
  /** Of the login. */
  readonly username?: string
  /** How it wants to be asked; undefined until it was. */
  readonly scheme?: Challenge['scheme']
  /** How many tokens of its are kept that can be used still, and for how long the last of them can. */
  readonly tokens: number
  readonly tokenSeconds?: number
  /** When it refused us a token last, or our login. */
  readonly refused?: { readonly agoSeconds: number; readonly reason: string }
}
