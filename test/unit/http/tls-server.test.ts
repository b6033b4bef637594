import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { createTicketKeys, type TlsIdentity, TlsServer } from '../../../src/http/tls-server.ts'
import { makeCertificates } from '../../support/lab/certificates.ts'
import { connectSecurely, isResumed, openSession } from '../../support/secure-client.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

let directory: TemporaryDirectory

beforeAll(async () => {
  directory = await makeTemporaryDirectory()
})
afterAll(() => directory.remove())

const noClients = { clientCaPem: undefined, clientCertificates: 'optional' } as const

const makeIdentity = async (name: string) => {
  const { cert, key } = await makeCertificates(`${directory.path}/${name}`)
  return { certPem: cert, keyPem: key, ...noClients }
}

const start = async (identity: TlsIdentity, handshakeTimeout?: number) => {
  const refused: { code: string | undefined; client: string | undefined }[] = []
  const settings = {
    identity,
    ticketKeys: createTicketKeys(),
    onRefused: ({ code }: NodeJS.ErrnoException, client: string | undefined) =>
      refused.push({ code, client }),
  }
  const options = handshakeTimeout === undefined ? {} : { handshakeTimeout }
  const tls = new TlsServer(settings, options, (_, response) => response.end('hello'))
  tls.server.listen(0, '127.0.0.1')
  await once(tls.server, 'listening')
  onTestFinished(() => void tls.server.close())
  const address = tls.server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on no port')
  return { tls, port: address.port, refused }
}

test('a client that never finishes its handshake is dropped', async () => {
  const { port, refused } = await start(await makeIdentity('a'), 50)
  const socket = connect(port, '127.0.0.1')

  await once(socket.resume(), 'close')

  expect(refused).toEqual([{ code: 'ERR_TLS_HANDSHAKE_TIMEOUT', client: '127.0.0.1' }])
})

test('a client of plain HTTP that resets its connection harms nobody', async () => {
  const { port, refused } = await start(await makeIdentity('e'))
  for (let count = 0; count < 50; count += 1) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    // More than is read at once, so that the answer meets a connection that breaks.
    socket.on('error', () => {}).write(`GET / HTTP/1.1\r\n\r\n${'x'.repeat(200_000)}`)
    setImmediate(() => socket.resetAndDestroy())
    await once(socket, 'close')
  }

  await vi.waitFor(() => expect(refused.length).toBeGreaterThan(0))
  const last = await connectSecurely({ port }, { rejectUnauthorized: false })
  last.destroy()
})

test('what is neither TLS nor HTTP gets no answer, and is no malformed request', async () => {
  const { tls, port, refused } = await start(await makeIdentity('b'))
  const malformed: Error[] = []
  tls.server.on('clientError', (error) => malformed.push(error))
  const socket = connect(port, '127.0.0.1')
  const received: Buffer[] = []
  socket.on('data', (chunk: Buffer) => received.push(chunk)).end('SSH-2.0-OpenSSH_9.2\r\n')

  await once(socket, 'close')

  expect(Buffer.concat(received).toString('latin1')).not.toContain('HTTP/')
  expect(refused).toEqual([{ code: 'ERR_SSL_WRONG_VERSION_NUMBER', client: '127.0.0.1' }])
  expect(malformed).toEqual([])
})

test('a client that renegotiates is cut off: it could show another certificate by that', async () => {
  const { port } = await start(await makeIdentity('f'))
  const old = { rejectUnauthorized: false, maxVersion: 'TLSv1.2' } as const
  const socket = await connectSecurely({ port }, old)

  const broken = once(socket, 'error')
  socket.renegotiate(old, () => {})

  expect(await broken).toEqual([expect.objectContaining({ code: 'ERR_SSL_NO_RENEGOTIATION' })])
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a session of %s is resumed, also once the certificate is another',
  async (version) => {
    const { tls, port } = await start(await makeIdentity(`c${version}`))
    const only = { minVersion: version, maxVersion: version }
    const options = { rejectUnauthorized: false, ...only } as const
    const session = await openSession({ port }, options)

    expect(await isResumed({ port }, session, options)).toBe(true)
    tls.renew(await makeIdentity(`d${version}`))
    expect(await isResumed({ port }, session, options)).toBe(true)
  },
)
