import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'

/** `expiresAt` is on the monotonic clock: a token ends when its time has passed, whatever the wall clock says. */
export type Token = { readonly value: string; readonly expiresAt: number }

const maxTokens = 10_000
/** Used no longer than this share of its life: clocks differ and a request takes a while. */
const usableShare = 0.9

/** Tokens by scope, each asked for once however many wait for it. */
export class TokenCache {
  readonly #elapsedMs: () => number
  readonly #tokens = new LRUCache<string, Token>(atMost(maxTokens))
  readonly #pending = new Map<string, Promise<Token>>()

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  async get(scope: string, fetchToken: () => Promise<Token>): Promise<string> {
    const known = this.#tokens.get(scope)
    if (known && this.#elapsedMs() < known.expiresAt) return known.value
    const pending = this.#pending.get(scope) ?? this.#fetch(scope, fetchToken)
    return (await pending).value
  }

  /** How many can be used still, and for how long the last of them can. */
  describe(): { readonly tokens: number; readonly tokenSeconds?: number } {
    const leftMs = this.#tokens
      .values()
      .map(({ expiresAt }) => expiresAt - this.#elapsedMs())
      .filter((left) => left > 0)
      .toArray()
    const tokens = leftMs.length
    const longestMs = leftMs.reduce((longest, left) => Math.max(longest, left), 0)
    return tokens === 0 ? { tokens } : { tokens, tokenSeconds: Math.round(longestMs / 1000) }
  }

  /** Forgets a token that was refused, unless a newer one has taken its place. */
  drop(scope: string, value: string): void {
    if (this.#tokens.get(scope)?.value === value) this.#tokens.delete(scope)
  }

  #fetch(scope: string, fetchToken: () => Promise<Token>): Promise<Token> {
    const startedAt = this.#elapsedMs()
    const pending = fetchToken()
      .then((token) => {
        const usableMs = (token.expiresAt - startedAt) * usableShare
        this.#tokens.set(scope, { ...token, expiresAt: startedAt + usableMs })
        return token
      })
      .finally(() => this.#pending.delete(scope))
    this.#pending.set(scope, pending)
    return pending
  }
}
