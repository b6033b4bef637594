import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { readOperatorKey } from '../access/operator-key.ts'
import { ConfigError } from '../config/config-error.ts'
import { loadConfig } from '../config/load-config.ts'
import { formatAddress } from '../config/network-values.ts'
import { CommandError } from './command-error.ts'

/** How a command is told which server it is about. */
export type ServerOptions = {
  /** The configuration's file; read only where `server` is missing. */
  readonly config: string
  /** `http://host:5000` or `host:5000`. */
  readonly server?: string | undefined
}

export type ServerPlace = {
  readonly origin: string
  /** The certificate to trust, instead of what the system trusts. */
  readonly ca?: string
  /** Of whoever operates it; only for the one that the configuration describes. */
  readonly operatorKey?: string | undefined
}

/** Addresses that mean all of a machine's, and its own among them. */
const ownAddresses: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** Throws CommandError, and ConfigError for a configuration that is wrong. */
export async function findServer({ config: file, server }: ServerOptions): Promise<ServerPlace> {
  if (server !== undefined) return { origin: parseServerUrl(server) }
  const { listen, tls, data } = await loadConfig(resolve(file), process.env).catch(hintAtServer)
  if (listen.port === 0) {
    const what = 'listen: in mirrors.yaml leaves the port to the system'
    throw new CommandError(`${what}: name the server with --server http://host:port`)
  }
  const host = ownAddresses[listen.host] ?? (await findAddress(listen.host))
  const address = formatAddress({ ...listen, host })
  // It is named for others, and reached here by its address: that it is the one configured is enough.
  const operatorKey = await readKey(data)
  if (!tls) return { origin: `http://${address}`, operatorKey }
  return { origin: `https://${address}`, ca: firstOf(tls.certPem), operatorKey }
}

/** The server's own: of the CAs behind it in the file, anybody may have a certificate. */
function firstOf(certPem: string): string {
  const end = '-----END CERTIFICATE-----'
  return certPem.slice(0, certPem.indexOf(end) + end.length)
}

/** Who may not read it may still ask what everybody may, and is told by the server what more takes. */
async function readKey(data: string): Promise<string | undefined> {
  try {
    return await readOperatorKey(data)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EACCES' || code === 'EPERM') return undefined
    throw error
  }
}

/** By its address, so that the key goes to where the configuration says, whatever a proxy or a name makes of it. */
async function findAddress(host: string): Promise<string> {
  if (isIP(host) !== 0 || host.toLowerCase() === 'localhost') return host
  // What isn't found is said where it is asked.
  return lookup(host).then(
    ({ address }) => address,
    () => host,
  )
}

function parseServerUrl(text: string): string {
  const full = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.canParse(full) ? new URL(full) : undefined
  const isPlain = url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href
  if (isPlain) return url.origin
  const what = `--server ${JSON.stringify(text)} is no server's address`
  throw new CommandError(`${what}: wanted http://host:5000 or https://host:5000`, { isUsage: true })
}

function hintAtServer(error: unknown): never {
  if (!(error instanceof ConfigError)) throw error
  const hint = 'to ask a server without its configuration, use --server http://host:5000'
  throw new CommandError(`${error.message}\n${hint}`, { cause: error })
}
