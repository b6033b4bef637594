import { type LookupAddress, lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import type { Agent, buildConnector, Dispatcher } from 'undici'
import { isListedHost, isPublicAddress } from './host-policy.ts'

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

export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError'
}

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
    const { ownHosts, allowHosts } = this.#settings
    const isTrusted = ownHosts.has(url.hostname) || isListedHost(url, allowHosts)
    return isTrusted ? this.#agents[purpose].trusted : this.#agents[purpose].checked
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
    const { connectTimeoutMs, idleTimeoutMs, maxConnections } = this.#settings
    const connect = undici.buildConnector({
      timeout: connectTimeoutMs,
      allowH2: false,
      ...(this.#secureContext && { secureContext: this.#secureContext }),
      ...(isChecked ? { lookup: lookupPublic } : {}),
    })
    return new undici.Agent({
      connect: isChecked ? refusingLiterals(connect) : connect,
      connections: maxConnections,
      headersTimeout: idleTimeoutMs,
      bodyTimeout: idleTimeoutMs,
      keepAliveMaxTimeout: longestKeepAliveMs,
      pipelining: 1,
      ...options,
    })
  }
}

function isUnused(agent: Agent): boolean {
  return Object.values(agent.stats).every(({ connected, size }) => !connected && size === 0)
}

/** An address literal is dialled without a lookup, so it is checked on its own. */
function refusingLiterals(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) && !isPublicAddress(host)) return callback(forbid(host), null)
    connect(options, callback)
  }
}

const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first, ...others] = error ? [] : addresses.filter((a) => isPublicAddress(a.address))
    if (error) return callback(error, '', 0)
    if (!first) return callback(forbid(hostname), '', 0)
    if (options.all) return callback(null, [first, ...others])
    callback(null, first.address, first.family)
  })
}

function forbid(host: string): ForbiddenAddressError {
  return new ForbiddenAddressError(`${host} has no public address and isn't in allowHosts`)
}
