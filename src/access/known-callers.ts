import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { AnyLogins, Asker, Credentials, Identified } from './any-logins.ts'

type Settings = { readonly logins: AnyLogins; readonly now: () => number }

/** Callers and their scopes: a token of /token may have fifty, and anybody gets as many tokens as he likes. */
const maxKnown = 20_000

/**
 * Who it was that brought the same a moment ago: clients bring it with every request. What they brought isn't
 * kept, only its hash.
 */
export class KnownCallers {
  readonly #settings: Settings
  readonly #known = new LRUCache<string, Identified>({
    maxSize: maxKnown,
    sizeCalculation: ({ caller }) => 1 + (caller.scopes?.length ?? 0),
  })
  /** Those that are being found out. */
  readonly #underWay = new Map<string, Promise<Identified>>()
  #generation = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Users, tokens or keys have changed. */
  forgetAll(): void {
    this.#generation++
    this.#known.clear()
    this.#underWay.clear()
  }

  /** Of an Authorization header, at once; undefined where it has to be found out. */
  peek(header: string): Identified | undefined {
    const known = this.#known.get(keyOf(header))
    return known && this.#settings.now() < known.validUntil ? known : undefined
  }

  /**
   * Throws as AnyLogins.identify does. Who comes with the same at once waits for the same answer: a client that
   * opens ten connections has tried one password, and not ten.
   */
  async identify(header: string, credentials: Credentials, asker: Asker): Promise<Identified> {
    const known = this.peek(header)
    if (known) return known
    const key = `${asker.network} ${keyOf(header)}`
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return underWay
    const finding = this.#find(header, credentials, asker).finally(() => {
      if (this.#underWay.get(key) === finding) this.#underWay.delete(key)
    })
    this.#underWay.set(key, finding)
    return finding
  }

  async #find(header: string, credentials: Credentials, asker: Asker): Promise<Identified> {
    const generation = this.#generation
    const found = await this.#settings.logins.identify(credentials, asker)
    if (generation === this.#generation) this.#known.set(keyOf(header), found)
    return found
  }
}

function keyOf(header: string): string {
  return createHash('sha256').update(header).digest('base64')
}
