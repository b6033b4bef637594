import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ErrorCode, errorCodes } from '../oci/error-code.ts'
import { harmlessHeaders } from './harmless.ts'

type Refusal = { readonly status: string; readonly message: string }

/** What Node's parser refuses before there is a request; everything else is refused in registry.ts. */
const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    message: 'the headers have more than 32 KiB: send fewer or shorter ones',
  },
  HPE_INVALID_EOF_STATE: {
    status: '400 Bad Request',
    message: 'the connection ended before the request did: wanted as many bytes as it announced',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    message: 'the request took too long to arrive',
  },
}
const malformed = {
  status: '400 Bad Request',
  message: 'this is no HTTP request: wanted a method, a path and headers (RFC 9112)',
}

/** As in unread-body. */
const lingerMs = 2_000

const plainHttp = {
  status: '400 Bad Request',
  message: 'this is plain HTTP, and the port speaks HTTPS: ask with https://',
}

/** Answers bytes that aren't a request, in the registry's own form, and closes the connection. */
export function refuseBytes(error: NodeJS.ErrnoException, socket: Duplex): void {
  // The client is gone, or this would become a part of the answer that it is getting.
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswered(socket))
    return void socket.destroy()
  if (hasSentNothing(socket, error)) return void socket.destroy()
  socket.end(refusalOf(refusals[error.code ?? ''] ?? malformed))
  // At once, what it sends on would reset the connection, and it might never see the answer.
  setTimeout(() => socket.destroy(), lingerMs).unref()
}

/** Clients open connections in advance, and take any answer on one for a fault. */
function hasSentNothing(socket: Duplex, { code }: NodeJS.ErrnoException): boolean {
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket instanceof Socket && socket.bytesRead === 0
}

/** By what Node's own answer to such bytes goes, too; nothing else says so. */
function isAnswered(socket: Duplex & { readonly _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true
}

/** Answers plain HTTP on a port for HTTPS, on the connection below TLS, and closes that. */
export function refusePlainHttp(socket: Socket): void {
  // An error that nobody listens for ends the process, and any client can reset its connection.
  socket.on('error', () => socket.destroy())
  socket.write(refusalOf(plainHttp))
  socket.destroySoon()
}

function refusalOf({ status, message }: Refusal): string {
  const body = errorBody('UNSUPPORTED', message)
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...harmlessHeaders,
    Connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return `${[`HTTP/1.1 ${status}`, ...lines].join('\r\n')}\r\n\r\n${body}`
}

/** Answers a request whose target or Host the adapter can't make a URL of. */
export function refuseTarget(): Response {
  const message = 'the path or Host is malformed: wanted a path that begins with /v2/'
  const headers = { 'Content-Type': 'application/json' }
  return new Response(errorBody('NAME_INVALID', message), { status: 400, headers })
}

/** distribution-spec §Error Codes. */
export function errorBody(code: ErrorCode, message: string): string {
  return JSON.stringify({ errors: [{ code, message, detail: errorCodes[code].message }] })
}
