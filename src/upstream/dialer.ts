import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import type { Agent, buildConnector, Dispatcher } from 'undici'
import { DialSteps } from './dial-steps.ts'
import { isListedHost } from './host-policy.ts'
import { lookupPublic, refusingLiterals } from './public-addresses.ts'

type Settings = {
  readonly connectTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly maxConnections: number
  readonly caPem: string | undefined
  readonly allowHosts: readonly string[]
  /** Hosts that the configuration itself names; they may be private. */
  readonly ownHosts: ReadonlySet<string>
}

/** What a connection is for. */
export type Purpose = 'answer' | 'blob' | 'probe'

type Undici = typeof import('./undici.ts')
type Pair = { readonly trusted: Agent; readonly checked: Agent }
type Agents = Readonly<Record<Purpose, Pair>>

/** How long an idle connection is kept, also where upstream offers longer: silence may have broken it. */
const longestKeepAliveMs = 10_000

/**
 * Opens connections for one upstream. Hosts that the configuration names may have any address; any
 * other host is checked after its name was resolved, by the very addresses that are then dialled,
 * so that a name which changes between check and use gains nothing (DNS rebinding).
 */
export class Dialer {
  readonly #settings: Settings
  /** Made once: reading all the authorities takes some 30 ms. */
  readonly #secureContext: SecureContext | undefined
  /**
   * Made when the first is needed, since undici takes memory that a server without misses doesn't.
   * Blobs have connections of their own, so that a manifest never waits behind sixteen layers.
   */
  #agents: Agents | undefined
  /** Not closed, since a closed one couldn't be destroyed; its idle connections end by themselves. */
  readonly #replaced = new Set<Agent>()
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
    const { caPem } = settings
    const authorities = caPem && [...getCACertificates('default'), caPem]
    if (authorities) this.#secureContext = createSecureContext({ ca: authorities })
  }

  async dispatcherFor(url: URL, purpose: Purpose): Promise<Dispatcher> {
    const undici = await import('./undici.ts')
    if (this.#isClosed) throw new Error('no connection is made any more')
    this.#agents ??= this.#createAllAgents(undici)
    const { trusted, checked } = this.#agents[purpose]
    return this.#isTrusted(url) ? trusted : checked
  }

  /** How connections to that URL are opened, step by step. */
  async stepsFor(url: URL): Promise<DialSteps> {
    const undici = await import('./undici.ts')
    if (this.#isClosed) throw new Error('no connection is made any more')
    const isChecked = !this.#isTrusted(url)
    return new DialSteps(url, this.#createConnector(undici, isChecked), { isChecked })
  }

  /** Whether a person named its host, which may then have any address. */
  #isTrusted(url: URL): boolean {
    const { ownHosts, allowHosts } = this.#settings
    return ownHosts.has(url.hostname) || isListedHost(url, allowHosts)
  }

  /**
   * From now on new connections are used: where packets vanish, those that are open look alive and
   * answer nothing. What is under way on them goes on.
   */
  renew(): void {
    for (const agent of this.#replaced) if (isUnused(agent)) this.#replaced.delete(agent)
    for (const agent of this.#allAgents()) this.#replaced.add(agent)
    this.#agents = undefined
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    const agents = [...this.#allAgents(), ...this.#replaced]
    await Promise.all(agents.map((agent) => agent.destroy()))
  }

  #allAgents(): Agent[] {
    return Object.values(this.#agents ?? {}).flatMap(({ trusted, checked }) => [trusted, checked])
  }

  #createAllAgents(undici: Undici): Agents {
    const [blob, answer] = [this.#createPair(undici), this.#createPair(undici)]
    // Without keep-alive each probe has a connection of its own.
    return { blob, answer, probe: this.#createPair(undici, { pipelining: 0 }) }
  }

  #createPair(undici: Undici, options: Agent.Options = {}): Pair {
    return {
      trusted: this.#createAgent(undici, false, options),
      checked: this.#createAgent(undici, true, options),
    }
  }

  #createAgent(undici: Undici, isChecked: boolean, options: Agent.Options): Agent {
    const { idleTimeoutMs, maxConnections } = this.#settings
    return new undici.Agent({
      connect: this.#createConnector(undici, isChecked),
      connections: maxConnections,
      headersTimeout: idleTimeoutMs,
      bodyTimeout: idleTimeoutMs,
      keepAliveMaxTimeout: longestKeepAliveMs,
      pipelining: 1,
      ...options,
    })
  }

  #createConnector(undici: Undici, isChecked: boolean): buildConnector.connector {
    const connect = undici.buildConnector({
      timeout: this.#settings.connectTimeoutMs,
      allowH2: false,
      ...(this.#secureContext && { secureContext: this.#secureContext }),
      ...(isChecked ? { lookup: lookupPublic } : {}),
    })
    return isChecked ? refusingLiterals(connect) : connect
  }
}

function isUnused(agent: Agent): boolean {
  return Object.values(agent.stats).every(({ connected, size }) => !connected && size === 0)
}
