import { type LookupAddress, lookup } from 'node:dns'
import { isIP, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import type { buildConnector } from 'undici'
import { isPublicAddress } from './host-policy.ts'
import { forbid, lookupPublic } from './public-addresses.ts'

/** Opening one connection by hand, as it is opened for a request: the same rules, CA and time limits. */
export class DialSteps {
  readonly #url: URL
  readonly #connect: buildConnector.connector
  readonly #isChecked: boolean
  #socket: Socket | undefined
  #isClosed = false

  constructor(
    url: URL,
    connect: buildConnector.connector,
    { isChecked }: { readonly isChecked: boolean },
  ) {
    this.#url = url
    this.#connect = connect
    this.#isChecked = isChecked
  }

  /** The addresses that would be dialled. */
  async resolve(): Promise<readonly string[]> {
    const host = this.#url.hostname.replace(/^\[|\]$/g, '')
    if (isIP(host)) {
      if (this.#isChecked && !isPublicAddress(host)) throw forbid(host)
      return [host]
    }
    const find = promisify(this.#isChecked ? lookupPublic : lookup)
    const found = (await find(host, { all: true })) as readonly LookupAddress[]
    return found.map(({ address }) => address)
  }

  /** TCP alone. */
  async connect(): Promise<void> {
    const { port, protocol } = this.#url
    const plain = { protocol: 'http:', port: port || (protocol === 'https:' ? '443' : '80') }
    this.#socket = await this.#open(plain)
  }

  /** TLS, over what is connected; gives its version, and until when the certificate is valid. */
  async secure(): Promise<{ readonly version: string; readonly validTo: string }> {
    const connected = this.#socket && { httpSocket: this.#socket }
    const secured = await this.#open({ protocol: 'https:', port: this.#url.port, ...connected })
    this.#socket = secured
    if (!(secured instanceof TLSSocket)) throw new Error('the connection has no TLS')
    const { valid_to: validTo } = secured.getPeerCertificate()
    return { version: secured.getProtocol() ?? 'TLS', validTo }
  }

  /** Also what is only being opened, once it is. */
  close(): void {
    this.#isClosed = true
    this.#socket?.on('error', () => {}).destroy()
  }

  #open(how: Pick<buildConnector.Options, 'protocol' | 'port' | 'httpSocket'>): Promise<Socket> {
    const { hostname, host } = this.#url
    const { promise, resolve, reject } = Promise.withResolvers<Socket>()
    const bare = hostname.replace(/^\[|\]$/g, '')
    this.#connect({ ...how, hostname: bare, host }, (error, socket) => {
      if (error) return reject(error)
      if (this.#isClosed) socket.on('error', () => {}).destroy()
      resolve(socket)
    })
    return promise
  }
}
