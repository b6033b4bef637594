import { isDeepStrictEqual } from 'node:util'
import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { BufferRoom } from './buffer-room.ts'
import { Upstream } from './upstream.ts'
import type { Shared, Surroundings, UpstreamSettings } from './upstream-settings.ts'
import type { UpstreamState } from './upstream-state.ts'
import type { Holds } from './upstream-urls.ts'

type Settings = Omit<UpstreamSettings, 'isConfigured'>

/** Hosts met through `*`; the least used is forgotten, and made anew when it is asked for again. */
const maxAdmitted = 1000
/** Memory for what is fetched ahead of its readers, of all upstreams together. */
const mostAheadBytes = 32 * 1024 * 1024

/** The upstreams of a configuration, each with its connections and tokens, which outlive a reload that doesn't concern them. */
export class Upstreams {
  readonly #surroundings: Surroundings & Shared
  #settings: ReadonlyMap<string, Settings> = new Map()
  readonly #named = new Map<string, Upstream>()
  readonly #admitted = new LRUCache<string, Upstream>({
    ...atMost(maxAdmitted),
    dispose: (upstream, _name, reason) => {
      if (reason === 'evict') this.#retire(upstream)
    },
  })
  /** A limit is obeyed though the settings have changed; with another login there may be none. */
  readonly #holds = new Map<string, Holds>()
  /** Replaced by newer ones, but perhaps still in use: whoever uses one keeps it alive. */
  #retired: readonly WeakRef<Upstream>[] = []

  constructor(surroundings: Surroundings) {
    this.#surroundings = { ...surroundings, room: new BufferRoom(mostAheadBytes) }
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
    const holds = this.#holds.get(name)
    this.#holds.delete(name)
    const given = { ...settings, urls, isConfigured }
    const upstream = new Upstream(name, given, this.#surroundings, holds)
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
      this.#holds.set(name, upstream.holds)
      this.#named.delete(name)
      this.#retire(upstream)
    }
    // Those of an earlier change too, if the upstream wasn't used since.
    for (const name of this.#holds.keys()) {
      if (!isSameLogin(this.#settings.get(name), settings.get(name))) this.#holds.delete(name)
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

function isSameLogin(before: Settings | undefined, after: Settings | undefined): boolean {
  return before?.username === after?.username && before?.password === after?.password
}
