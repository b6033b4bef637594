import { randomUUID, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { importPKCS8, SignJWT } from 'jose'
import type { Certificates } from './certificates.ts'
import type { Lab } from './lab.ts'

export interface TokenRequest {
  /** undefined for an anonymous request. */
  readonly username: string | undefined
  readonly scopes: readonly string[]
}

export interface TokenServer {
  readonly realm: string
  readonly service: string
  readonly issuer: string
  /** Everything that was asked for, also what was refused. */
  readonly requests: readonly TokenRequest[]
  /** A token for scopes such as `repository:team/x:pull,push`, without asking the server. */
  signToken(scopes: readonly string[]): Promise<string>
}

export interface TokenServerOptions {
  readonly certificates: Certificates
  readonly username: string
  readonly password: string
  /** Anonymous requests are refused unless this is true; then they may pull. */
  readonly anonymousPull?: boolean
}

interface Access {
  readonly type: string
  readonly name: string
  readonly actions: readonly string[]
}

const service = 'lab-registry'
const issuer = 'lab-issuer'
const lifetimeSeconds = 300

/** Starts a token endpoint as the distribution token specification describes it, behind TLS. */
export const startTokenServer = async (
  lab: Lab,
  options: TokenServerOptions,
): Promise<TokenServer> => {
  const requests: TokenRequest[] = []
  const sign = makeSigner(options.certificates)
  const { key, cert } = options.certificates
  const server = createServer({ key, cert }, async (incoming, outgoing) => {
    const scopes = new URL(incoming.url ?? '/', 'https://localhost').searchParams.getAll('scope')
    const { username, password } = readCredentials(incoming)
    requests.push({ username, scopes })
    const isKnown = username === options.username && password === options.password
    const isGuest = username === undefined && options.anonymousPull === true
    if (!isKnown && !isGuest) return outgoing.writeHead(401).end('{"errors":[]}')
    const access = scopes.map(parseScope).map((it) => (isKnown ? it : pullOnly(it)))
    const token = await sign(access)
    outgoing.setHeader('content-type', 'application/json')
    outgoing.end(JSON.stringify({ token, expires_in: lifetimeSeconds }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  lab.onClose(async () => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const signToken = (scopes: readonly string[]) => sign(scopes.map(parseScope))
  return { realm: `https://127.0.0.1:${port}/token`, service, issuer, requests, signToken }
}

// docker-registry 2.8 finds the key by the certificate chain in x5c, checked against its own bundle.
const makeSigner = ({ key, cert }: Certificates) => {
  const chain = [new X509Certificate(cert).raw.toString('base64')]
  const signingKey = importPKCS8(key, 'ES256')
  return async (access: readonly Access[]): Promise<string> =>
    new SignJWT({ access })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', x5c: chain })
      .setIssuer(issuer)
      .setAudience(service)
      .setSubject('lab')
      .setJti(randomUUID())
      .setIssuedAt()
      .setNotBefore('0s')
      .setExpirationTime(`${lifetimeSeconds}s`)
      .sign(await signingKey)
}

const readCredentials = (incoming: IncomingMessage) => {
  const [, encoded = ''] = /^Basic (.+)$/.exec(incoming.headers.authorization ?? '') ?? []
  const [, username, password] =
    /^([^:]+):(.*)$/.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  return { username, password }
}

const parseScope = (scope: string): Access => {
  const [type = '', name = '', actions = ''] = scope.split(':')
  return { type, name, actions: actions.split(',') }
}

const pullOnly = (access: Access): Access => ({ ...access, actions: ['pull'] })
