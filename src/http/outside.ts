import type { IncomingMessage } from 'node:http'
import { type BlockList, isIPv6 } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { isWithin, readRanges } from '../address-ranges.ts'
import { plainAddress } from './address.ts'
import { type Hop, readHops, readHost, readPrefix, type Scheme } from './forwarded.ts'

/** Who asks, and by which URL, in front of all proxies that are trusted. */
export type Outside = {
  readonly client: string
  readonly scheme: Scheme
  /** As the client named it, with its port where that isn't the scheme's own. */
  readonly host: string
  /** What stands there before our paths: `/registry`, or empty. */
  readonly prefix: string
  /** Whether a trusted proxy asks in the client's name. */
  readonly isProxied: boolean
}

type Way = {
  readonly client: string
  /** From the outermost trusted proxy to us. */
  readonly hops: readonly Hop[]
  readonly isProxied: boolean
}

/** Stands for a Host that is missing or malformed. */
export const unknownHost = 'unknown'

/**
 * The one place where it is found out how a request looked outside. Only the word of a connection
 * from `trustedProxies` counts; from everyone else such headers are ignored.
 */
export class TrustedProxies {
  #ranges: BlockList

  constructor(cidrs: readonly string[]) {
    this.#ranges = readRanges(cidrs)
  }

  /** Takes up a changed configuration. */
  configure(cidrs: readonly string[]): void {
    this.#ranges = readRanges(cidrs)
  }

  clientOf(incoming: IncomingMessage): string {
    return this.#followBack(incoming).client
  }

  outsideOf(incoming: IncomingMessage): Outside {
    const { client, hops, isProxied } = this.#followBack(incoming)
    const { socket, headers } = incoming
    const isEncrypted = (socket as Partial<TLSSocket>).encrypted === true
    const named = headers.host === unknownHost ? undefined : readHost(headers.host)
    return {
      client,
      scheme: firstOf(hops, 'scheme') ?? (isEncrypted ? 'https' : 'http'),
      host: firstOf(hops, 'host') ?? named ?? ownHost(incoming),
      isProxied,
      prefix: isProxied ? readPrefix(headers['x-forwarded-prefix']) : '',
    }
  }

  #followBack({ socket, headers }: IncomingMessage): Way {
    // A socket that broke has no address any more.
    const peer = plainAddress(socket.remoteAddress) || 'gone'
    if (!isWithin(peer, this.#ranges)) return { client: peer, hops: [], isProxied: false }
    return { ...this.#findClient(peer, readHops(headers)), isProxied: true }
  }

  /**
   * The last address that is no trusted proxy. What stands before it, its owner wrote; behind an
   * address that is hidden or malformed nobody can be found, and the proxy that says so is the client.
   */
  #findClient(peer: string, hops: readonly Hop[]): Pick<Way, 'client' | 'hops'> {
    let client = peer
    let index = hops.length
    while (index > 0 && isWithin(client, this.#ranges)) {
      index--
      const from = hops[index]?.from
      if (from === undefined) break
      client = from
    }
    return { client, hops: hops.slice(index) }
  }
}

function firstOf<Key extends 'scheme' | 'host'>(hops: readonly Hop[], key: Key): Hop[Key] {
  return hops.find((hop) => hop[key] !== undefined)?.[key]
}

/** Where the client reached us, for one that names no host. */
function ownHost({ socket }: IncomingMessage): string {
  const address = plainAddress(socket.localAddress)
  return `${isIPv6(address) ? `[${address}]` : address}:${socket.localPort}`
}
