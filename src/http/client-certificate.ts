import type { RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type DetailedPeerCertificate, TLSSocket } from 'node:tls'
import { refuseName } from '../access/user-name.ts'
import { errorBody } from './malformed-request.ts'
import { endLater, isStillSending } from './unread-body.ts'

/** What a client showed in its TLS handshake, or in the one of the session that it resumed. */
interface ClientCertificate {
  readonly name: string | undefined
  /** Why it wasn't believed, as OpenSSL names it. */
  readonly code: string | undefined
  readonly fromMs: number
  readonly untilMs: number
}

const expired = 'CERT_HAS_EXPIRED'
const notYetValid = 'CERT_NOT_YET_VALID'
const reasons: Readonly<Record<string, string>> = {
  [expired]: 'has expired: renew it',
  [notYetValid]: "isn't valid yet: are the clocks right?",
  INVALID_PURPOSE: "isn't one for clients: it needs the extended key usage clientAuth, or none",
}
const unknownCa = 'is from no CA that this server believes'

/** A connection shows one certificate for as long as it lasts: renegotiation is refused. */
const shown = new WeakMap<Socket, ClientCertificate>()

/**
 * The name (CN) in the certificate of who asks on this connection. Undefined without a certificate, with one that
 * isn't valid now, and with a name that is none for us.
 */
export function certificateNameOf(socket: Socket, nowMs = Date.now()): string | undefined {
  const certificate = findCertificate(socket)
  if (!certificate || faultOf(certificate, nowMs) !== undefined) return undefined
  return certificate.name
}

/** Hears of an answer that was refused. */
type OnRefused = (error: Error, client: string | undefined) => void

/**
 * Refuses who shows a certificate that isn't valid: they meant to be somebody, and whoever took them for nobody
 * would hide that. Also one that was valid when the connection or its session began.
 */
export function refuseInvalidCertificates(
  listener: RequestListener,
  onRefused: OnRefused,
): RequestListener {
  return (incoming, outgoing) => {
    const { socket } = incoming
    const certificate = findCertificate(socket)
    const code = certificate && faultOf(certificate, Date.now())
    if (code === undefined) return listener(incoming, outgoing)
    const message = `the client certificate ${reasons[code] ?? unknownCa} (${code})`
    onRefused(new Error(message), socket.remoteAddress)
    const body = errorBody('DENIED', message)
    writeHead(outgoing, body)
    if (isStillSending(incoming)) endLater(incoming, outgoing, body)
    else outgoing.end(body)
  }
}

function writeHead(outgoing: ServerResponse, body: string): void {
  outgoing.writeHead(403, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  })
}

function findCertificate(socket: Socket): ClientCertificate | undefined {
  const known = shown.get(socket)
  if (known) return known
  if (!(socket instanceof TLSSocket)) return undefined
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) return undefined
  const read = {
    name: nameIn(socket.getPeerCertificate()),
    code: socket.authorized ? undefined : String(socket.authorizationError),
    fromMs: certificate.validFromDate.getTime(),
    untilMs: certificate.validToDate.getTime(),
  }
  shown.set(socket, read)
  return read
}

function nameIn({ subject }: Pick<DetailedPeerCertificate, 'subject'>): string | undefined {
  // One with several names has a list of them.
  const name: unknown = subject.CN
  return typeof name === 'string' && refuseName(name) === undefined ? name : undefined
}

/** A session is resumed without the certificate being looked at again. */
function faultOf({ code, fromMs, untilMs }: ClientCertificate, nowMs: number): string | undefined {
  if (code !== undefined) return code
  if (nowMs > untilMs) return expired
  return nowMs < fromMs ? notYetValid : undefined
}
