import { createHmac } from 'node:crypto'
import type { BlockList } from 'node:net'
import { LRUCache } from 'lru-cache'
import { isWithin, readRanges } from '../address-ranges.ts'
import { atMost } from '../at-most.ts'
import type { Config } from '../config/config.ts'

type Rules = Pick<Config, 'clients' | 'clientAddresses'>

const maxKnown = 10_000
/** 48 bits: among ten thousand clients two are the same once in six million cases. */
const hashDigits = 12

/** How reports call a client: by its name under `clients:`, else by its address, or by a hash of that. */
export class ClientNames {
  readonly #key: Uint8Array
  readonly #known = new LRUCache<string, string>(atMost(maxKnown))
  #named: readonly (readonly [name: string, ranges: BlockList])[] = []
  #isHashed = false

  /** Without `key` nobody can find out which address a hash is of by trying all. */
  constructor(rules: Rules, key: Uint8Array) {
    this.#key = key
    this.configure(rules)
  }

  /** Takes up a changed configuration: what was counted before keeps its names. */
  configure({ clients, clientAddresses }: Rules): void {
    this.#named = [...clients].map(([name, cidrs]) => [name, readRanges(cidrs)])
    this.#isHashed = clientAddresses === 'hashed'
    this.#known.clear()
  }

  nameOf(address: string): string {
    if (address === '') return address
    const known = this.#known.get(address)
    if (known !== undefined) return known
    const name = this.#find(address)
    this.#known.set(address, name)
    return name
  }

  #find(address: string): string {
    const named = this.#named.find(([, ranges]) => isWithin(address, ranges))
    if (named) return named[0]
    return this.#isHashed ? this.#hash(address) : address
  }

  #hash(address: string): string {
    const digest = createHmac('sha256', this.#key).update(address).digest('hex')
    return `client-${digest.slice(0, hashDigits)}`
  }
}
