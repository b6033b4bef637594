import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { CommandError } from './command-error.ts'
import { type OwnCertificate, readOwnCertificate } from './own-certificate.ts'
import { findServer, type ServerOptions, type ServerPlace } from './server-place.ts'

/** Removing what thousands of images need takes its time; a server that hangs is told from that. */
const patienceMs = 5 * 60_000
const certificateRequired = 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'
const maxAnswerBytes = 64 * 1024 * 1024

/** The server answered, and not with what was asked for. */
export class ServerRefusal extends CommandError {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * Asks a running server's API (`path` begins with /api/v1) and gives its answer, parsed; undefined where
 * it is empty. `body` is sent as JSON. Throws ServerRefusal for an answer that is an error, CommandError
 * where the server can't be reached or answers with something else, ConfigError for a configuration that
 * can't be read.
 */
export async function askServer(
  options: ServerOptions,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const place = await findServer(options)
  const text = body === undefined ? '' : JSON.stringify(body)
  const answer = await exchange(place, { method, path, text })
  const { statusCode = 0 } = answer.response
  const value = parse(answer.text)
  if (statusCode >= 400) throw new ServerRefusal(statusCode, explain(statusCode, value, place))
  if (statusCode < 200 || statusCode >= 300 || value instanceof SyntaxError) {
    throw new CommandError(`what answers at ${place.origin} is no Entrepot: see --server`)
  }
  return value
}

type Asked = { readonly method: string; readonly path: string; readonly text: string }

async function exchange(
  place: ServerPlace,
  asked: Asked,
): Promise<{ response: IncomingMessage; text: string }> {
  try {
    const request = open(place, asked, await readOwnCertificate())
    request.setTimeout(patienceMs, () => {
      const what = `the server at ${place.origin} has said nothing for ${patienceMs / 60_000} minutes`
      request.destroy(
        new CommandError(`${what}: it may still be at it, and its log tells of the end`),
      )
    })
    request.end(asked.text)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return { response, text: await readText(response) }
  } catch (error) {
    throw error instanceof CommandError ? error : unreachable(place, error as NodeJS.ErrnoException)
  }
}

function open(
  { origin, ca, operatorKey }: ServerPlace,
  { method, path, text }: Asked,
  own: OwnCertificate | undefined,
): ClientRequest {
  const token = process.env.ENTREPOT_TOKEN?.trim() || operatorKey
  const headers = {
    accept: 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(text !== '' && { 'content-type': 'application/json' }),
    ...(token && { authorization: `Bearer ${token}` }),
  }
  const url = new URL(path, origin)
  if (url.protocol === 'http:') return requestHttp(url, { method, headers })
  const trust = ca && { ca, allowPartialTrustChain: true, checkServerIdentity: () => undefined }
  return requestHttps(url, { method, headers, ...trust, ...own })
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxAnswerBytes) throw new Error('its answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch (error) {
    return error
  }
}

function explain(status: number, value: unknown, { origin }: ServerPlace): string {
  const isObject = typeof value === 'object' && value !== null && 'error' in value
  const said = isObject && typeof value.error === 'string' ? value.error : `it answered ${status}`
  if (status !== 401) return said
  return `${origin} wants to know who asks: put a token into ENTREPOT_TOKEN (${said})`
}

function unreachable({ origin }: ServerPlace, error: NodeJS.ErrnoException): CommandError {
  if (error.code === certificateRequired) {
    const wanted = 'name the files of one in ENTREPOT_CLIENT_CERT and ENTREPOT_CLIENT_KEY'
    return new CommandError(`${origin} wants a client certificate: ${wanted}`, { cause: error })
  }
  const why = error.code === 'ECONNREFUSED' ? 'nothing listens there' : error.message || error.code
  const what = `the server at ${origin} can't be reached: ${why}`
  return new CommandError(`${what}. Is it running? --server names another`, { cause: error })
}
