import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  certificateNameOf,
  refuseInvalidCertificates,
} from '../../../src/http/client-certificate.ts'
import { createTicketKeys, type TlsIdentity, TlsServer } from '../../../src/http/tls-server.ts'
import {
  type Certificates,
  type ClientCa,
  type ClientCertificateOptions,
  makeCertificates,
  makeClientCa,
} from '../../support/lab/certificates.ts'
import { askSecurely, openSession } from '../../support/secure-client.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const versions = ['TLSv1.2', 'TLSv1.3'] as const
const dayMs = 24 * 60 * 60 * 1_000
let directory: TemporaryDirectory
let own: Certificates
let clients: ClientCa
let others: ClientCa

beforeAll(async () => {
  directory = await makeTemporaryDirectory()
  own = await makeCertificates(`${directory.path}/own`)
  clients = await makeClientCa(`${directory.path}/clients`)
  others = await makeClientCa(`${directory.path}/others`)
})
afterAll(() => directory.remove())

type Settings = Partial<Pick<TlsIdentity, 'clientCaPem' | 'clientCertificates'>> & {
  readonly ticketKeys?: Buffer
}

const identityOf = (settings: Settings): TlsIdentity => {
  const asking = { clientCaPem: clients.ca, clientCertificates: 'optional' } as const
  return { certPem: own.cert, keyPem: own.key, ...asking, ...settings }
}

/** Tells who asks; `?in=DAYS` as if that many days had passed. */
const start = async ({ ticketKeys = createTicketKeys(), ...settings }: Settings = {}) => {
  const refused: string[] = []
  const onRefused = ({ message }: Error) => void refused.push(message)
  const listener = refuseInvalidCertificates((incoming, outgoing) => {
    const days = Number(new URL(incoming.url ?? '', 'http://x').searchParams.get('in'))
    const name = certificateNameOf(incoming.socket, Date.now() + days * dayMs)
    outgoing.end(name ?? 'nobody')
  }, onRefused)
  const identity = identityOf(settings)
  const tls = new TlsServer({ identity, ticketKeys, onRefused }, {}, listener)
  tls.server.listen(0, '127.0.0.1')
  await once(tls.server, 'listening')
  onTestFinished(() => void tls.server.close())
  const address = tls.server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on no port')
  return { tls, port: address.port, refused }
}

const issue = async (file: string, options: ClientCertificateOptions = {}, by = clients) => {
  const { cert, key } = await by.issue(file, options)
  return { cert, key }
}

const askWho = async (port: number, options: object, path = '/'): Promise<string> => {
  const { status, body } = await askSecurely({ port }, path, own.ca, options)
  return status === 200 ? body.toString() : `${status} ${body}`
}

test.each([
  ['one name is it', 'ci', 'ci'],
  ['an address for mail may be one', 'ci@example.com', 'ci@example.com'],
  ['of two none is', 'ci/CN=admin', 'nobody'],
  ['of two in one part none is either', 'ci+CN=admin', 'nobody'],
  ['one with a space is none', 'ci runner', 'nobody'],
  ['one that begins with a dash is none', '-ci', 'nobody'],
  ['one that stands for more in rules is none', 'operator', 'nobody'],
  ['nor is another of them', 'anonymous', 'nobody'],
  ['one of 64 characters is', 'a'.repeat(64), 'a'.repeat(64)],
])('of the names in a certificate, %s', async (_rule, name, expected) => {
  const { port } = await start()
  expect(await askWho(port, await issue('named', { name }))).toBe(expected)
})

test('who shows none is nobody, and so is who asks without TLS', async () => {
  const { port } = await start()
  expect(await askWho(port, {})).toBe('nobody')
  expect(certificateNameOf(new Socket())).toBeUndefined()
})

test('where none is asked for, what a client has is not looked at', async () => {
  const { port } = await start({ clientCaPem: undefined })
  expect(await askWho(port, await issue('unasked'))).toBe('nobody')
})

test('a name counts from the first to the last day of its certificate', async () => {
  const { port } = await start()
  const certificate = await issue('days', { days: 2 })
  const days = [-1, 0, 1, 3]
  const names = days.map((day) => askWho(port, certificate, `/?in=${day}`))
  expect(await Promise.all(names)).toEqual(['nobody', 'ci', 'ci', 'nobody'])
})

test('of several CAs each is believed, and one between them and a client comes from the client', async () => {
  const { cert, key, ca } = await makeCertificates(`${directory.path}/chain`, { isChained: true })
  const { port } = await start({ clientCaPem: clients.ca + others.ca + ca })
  expect(await askWho(port, await issue('one'))).toBe('ci')
  expect(await askWho(port, await issue('two', { name: 'other' }, others))).toBe('other')
  expect(await askWho(port, { cert, key })).toBe('localhost')
})

const invalid = [
  ['of another CA', {}, /^403 .*is from no CA that this server believes/],
  ['that has expired', { days: -1 }, /^403 .*has expired: renew it \(CERT_HAS_EXPIRED\)/],
  [
    'of a server',
    { extensions: 'extendedKeyUsage=serverAuth\n' },
    /^403 .*clientAuth, or none \(INVALID_PURPOSE\)/,
  ],
] as const

describe.each(versions)('over %s', (version) => {
  const only = { minVersion: version, maxVersion: version }

  test.each(invalid)('one %s is refused, and not taken for none', async (what, options, said) => {
    const { port, refused } = await start()
    const by = what === 'of another CA' ? others : clients
    const certificate = { ...only, ...(await issue('invalid', options, by)) }
    expect(await askWho(port, certificate)).toMatch(said)
    expect(refused).toHaveLength(1)
    const session = await openSession({ port }, { ...certificate, ca: own.ca })
    expect(await askWho(port, { ...only, session })).toMatch(said)
  })

  test.each(invalid)('one %s gets no answer where it is required', async (what, options) => {
    const { port, refused } = await start({ clientCertificates: 'required' })
    const by = what === 'of another CA' ? others : clients
    const asking = askWho(port, { ...only, ...(await issue('invalid', options, by)) })
    await expect(asking).rejects.toThrow(/hang up|disconnected|ECONNRESET/)
    expect(refused).toEqual([
      expect.stringMatching(/^the client certificate is refused \([A-Z_]+\)$/),
    ])
  })

  test('who has none is told so where it is required', async () => {
    const { port } = await start({ clientCertificates: 'required' })
    await expect(askWho(port, only)).rejects.toThrow(/alert (certificate required|handshake fail)/)
  })

  test('a session that is resumed has the name of the one before', async () => {
    const { port } = await start({ clientCertificates: 'required' })
    const certificate = { ...only, ...(await issue('resumed')) }
    const session = await openSession({ port }, { ...certificate, ca: own.ca })
    expect(await askWho(port, { ...only, session })).toBe('ci')
  })

  test('without a certificate it stays without one', async () => {
    const { port } = await start()
    const session = await openSession({ port }, { ...only, ca: own.ca })
    expect(await askWho(port, { ...only, session })).toBe('nobody')
  })

  test('once the CA is another, no session from before is resumed', async () => {
    const { tls, port } = await start({ clientCertificates: 'required' })
    const certificate = { ...only, ...(await issue('before')) }
    const session = await openSession({ port }, { ...certificate, ca: own.ca })
    tls.renew(identityOf({ clientCaPem: others.ca }))

    await expect(askWho(port, { ...only, session })).rejects.toThrow(/alert|hang up/)
    await expect(askWho(port, { ...certificate, session })).rejects.toThrow(/hang up|disconn|RESET/)
    const other = { ...only, ...(await issue('after', { name: 'new' }, others)) }
    expect(await askWho(port, { ...other, session })).toBe('new')
  })

  test('servers with the same keys resume sessions of each other while their CA is the same', async () => {
    const ticketKeys = createTicketKeys()
    const [one, two] = [await start({ ticketKeys }), await start({ ticketKeys })]
    const third = await start({ ticketKeys, clientCaPem: others.ca })
    const certificate = { ...only, ...(await issue('shared')) }
    const session = await openSession(one, { ...certificate, ca: own.ca })

    expect(await askWho(two.port, { ...only, session })).toBe('ci')
    expect(await askWho(third.port, { ...only, session })).toBe('nobody')
  })
})

test('a body that is still being sent is read until the client has had its answer', async () => {
  const { port } = await start()
  const certificate = await issue('pushing', {}, others)
  const headers = { 'content-length': 10_000_000 }
  const options = { ...certificate, method: 'PUT', headers }
  expect(await askWho(port, options)).toMatch(/^403/)
})

test('what is below TLS has no name', async () => {
  const { port } = await start()
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  expect(certificateNameOf(socket)).toBeUndefined()
  socket.destroy()
})
