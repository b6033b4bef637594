import { isDeepStrictEqual } from 'node:util'
import { LRUCache } from 'lru-cache'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { type Surroundings, Upstream, type UpstreamSettings } from './upstream.ts'
import type { UpstreamState } from './upstream-state.ts'

type Settings = Omit<UpstreamSettings, 'isConfigured'>

/** Hosts met through `*`; the least used is forgotten, and made anew when it is asked for again. */
const maxAdmitted = 1000

/** The upstreams of a configuration, each with its connections and tokens, which outlive a reload that doesn't concern them. */
export class Upstreams {
  readonly #surroundings: Surroundings
  #settings: ReadonlyMap<string, Settings> = new Map()
  readonly #named = new Map<string, Upstream>()
  readonly #admitted = new LRUCache<string, Upstream>({
    max: maxAdmitted,
    dispose: (upstream, _name, reason) => {
      if (reason === 'evict') this.#retire(upstream)
    },
  })
  /** Replaced by newer ones, but perhaps still in use: whoever uses one keeps it alive. */
  #retired: readonly WeakRef<Upstream>[] = []

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  /** Undefined where neither the name nor `*` is configured. */
  find(name: UpstreamName): Upstream | undefined {
    const known = this.#named.get(name) ?? this.#admitted.get(name)
    if (known) return known
    const own = this.#settings.get(name)
    const settings = own ?? this.#settings.get('*')
    if (!settings) return undefined
    const urls = own ? own.urls : [`https://${name}`]
    const isConfigured = own !== undefined
    const upstream = new Upstream(name, { ...settings, urls, isConfigured }, this.#surroundings)
    if (isConfigured) this.#named.set(name, upstream)
    else this.#admitted.set(name, upstream)
    return upstream
  }

  /**
   * Takes up other settings. An upstream whose settings changed is made anew at its next use; what
   * is under way at the old one goes on.
   */
  configure(settings: ReadonlyMap<string, Settings>): void {
    for (const [name, upstream] of this.#named) {
      if (isDeepStrictEqual(this.#settings.get(name), settings.get(name))) continue
      this.#named.delete(name)
      this.#retire(upstream)
    }
    const isSameForAll = isDeepStrictEqual(this.#settings.get('*'), settings.get('*'))
    for (const [name, upstream] of this.#admitted) {
      if (isSameForAll && !settings.has(name)) continue
      this.#admitted.delete(name)
      this.#retire(upstream)
    }
    this.#settings = settings
  }

  /** Every upstream that has a name in the configuration, and those met through `*`. */
  describe(): readonly UpstreamState[] {
    const named = [...this.#settings.keys()].filter((name) => name !== '*') as UpstreamName[]
    const upstreams = named.flatMap((name) => this.find(name) ?? [])
    return [...upstreams, ...this.#admitted.values()].map((upstream) => upstream.describe())
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    const open = [...this.#named.values(), ...this.#admitted.values()]
    const retired = this.#retired.flatMap((upstream) => upstream.deref() ?? [])
    await Promise.all([...open, ...retired].map((upstream) => upstream.close()))
  }

  #retire(upstream: Upstream): void {
    upstream.retire()
    const alive = this.#retired.filter((retired) => retired.deref() !== undefined)
    this.#retired = [...alive, new WeakRef(upstream)]
  }
}
