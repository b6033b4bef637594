import { copyFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ConfigWatcher } from '../../src/config/watch-config.ts'
import { smallImage } from '../support/image-builder.ts'
import {
  type Certificates,
  type ClientCa,
  type ClientCertificate,
  makeCertificates,
  makeClientCa,
} from '../support/lab/certificates.ts'
import { findFreePort } from '../support/lab/free-port.ts'
import { errorOf, sendRaw } from '../support/raw-client.ts'
import { askSecurely, connectSecurely, openSession } from '../support/secure-client.ts'
import { startMirrored } from '../support/start-mirrored.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const path = '/v2/team/app/manifests/1'
/** Each on a connection of its own: with so many, hardly a thread is left out. */
const clients = Array.from({ length: 24 }, (_, index) => index)
const refused = /alert|hang up|disconnected|ECONNRESET/

let folder: string
let own: Certificates
let first: ClientCa
let second: ClientCa
let good: ClientCertificate
let expired: ClientCertificate
let foreign: ClientCertificate

beforeAll(async () => {
  const directory = await makeTemporaryDirectory()
  folder = directory.path
  own = await makeCertificates(join(folder, 'own'))
  first = await makeClientCa(join(folder, 'first'))
  second = await makeClientCa(join(folder, 'second'))
  good = await first.issue('good')
  expired = await first.issue('expired', { days: -1 })
  foreign = await second.issue('foreign')
  return () => directory.remove()
})

const tlsWith = (others: object) => ({ cert: own.certFile, key: own.keyFile, ...others })

const start = async (ofTls: object, others: object = {}) => {
  const tls = tlsWith({ clientCa: first.caFile, ...ofTls })
  const mirrored = await startMirrored({}, { tls, ...others })
  const image = await mirrored.upstream.repository('team/app').addImage('1', smallImage('a'))
  return { ...mirrored, image }
}

const statusFor = async (server: { port: number }, options: object): Promise<number> =>
  (await askSecurely(server, path, own.ca, options)).status

const showing = ({ cert, key }: ClientCertificate) => ({ cert, key })

describe('where a certificate is optional', () => {
  test('who has a valid one pulls, and so does who has none', async () => {
    const { server, image } = await start({})
    const reply = await askSecurely(server, path, own.ca, showing(good))
    expect(reply.body).toEqual(image.bytes)
    expect(await statusFor(server, {})).toBe(200)
  })

  test('who has another is told what is wrong with it, and the log tells who it was', async () => {
    const { server, upstream } = await start({})
    const old = await askSecurely(server, path, own.ca, showing(expired))
    const other = await askSecurely(server, path, own.ca, showing(foreign))

    expect([old.status, other.status]).toEqual([403, 403])
    expect(errorOf(old)).toMatchObject({
      code: 'DENIED',
      message: expect.stringMatching(/expired/),
    })
    expect(errorOf(other).message).toContain('from no CA that this server believes')
    expect(upstream.requests).toEqual([])
    expect(server.log).toContainEqual(
      expect.objectContaining({
        client: '127.0.0.1',
        err: expect.objectContaining({ message: expect.stringContaining('CERT_HAS_EXPIRED') }),
      }),
    )
  })
})

describe('where a certificate is required', () => {
  const required = { clientCertificates: 'required' }

  test('who has a valid one pulls, and nobody else gets an answer, on no port', async () => {
    const port = await findFreePort()
    const { server, upstream } = await start(required, { dockerListen: `127.0.0.1:${port}` })
    for (const target of [server, { port }]) {
      expect(await statusFor(target, showing(good))).toBe(200)
      const before = upstream.requests.length
      for (const options of [{}, showing(expired), showing(foreign)]) {
        await expect(statusFor(target, options)).rejects.toThrow(refused)
      }
      expect(upstream.requests).toHaveLength(before)
    }
  })

  test('plain HTTP and TLS 1.1 are refused as without it', async () => {
    const { server } = await start(required)
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
    const options = { ...old, ...showing(good), rejectUnauthorized: false }

    const answer = await sendRaw(server, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)

    expect(answer).toMatch(/^HTTP\/1\.1 400 .*ask with https:/s)
    await expect(connectSecurely(server, options)).rejects.toThrow(/protocol version/)
  })

  test('a change of that waits for a restart, and the certificate does not', async () => {
    const { server, settings } = await start(required)
    const renewed = await makeCertificates(join(folder, 'renewed'))
    const files = { cert: renewed.certFile, key: renewed.keyFile }

    await server.configure({ ...settings, tls: files })

    const asking = (options: object) => askSecurely(server, path, renewed.ca, options)
    expect((await asking(showing(good))).status).toBe(200)
    await expect(asking({})).rejects.toThrow(refused)
  })
})

/** With a CA's file that is replaced, as by a tool that renews it. */
const startWatched = async (threads: number) => {
  const clientCa = join(folder, `watched-${threads}.pem`)
  await copyFile(first.caFile, clientCa)
  const mirrored = await start({ clientCa, clientCertificates: 'required' }, { threads })
  const { server } = mirrored
  const listening = () => server.log.filter(({ msg }) => msg === 'a serving thread listens')
  await vi.waitFor(() => expect(listening()).toHaveLength(threads - 1), 10_000)
  const problems: string[] = []
  const watcher = await ConfigWatcher.open({
    file: join(dirname(server.data), 'mirrors.yaml'),
    environment: {},
    settleMs: 50,
    onChange: (config) => server.takeUp(config),
    onRefused: ({ message }) => problems.push(message),
  })
  onTestFinished(() => watcher.close())
  const replace = async (file: string) => {
    await copyFile(file, `${clientCa}.new`)
    await rename(`${clientCa}.new`, clientCa)
  }
  return { ...mirrored, replace, problems }
}

/** What so many connections get; every one must get the same. */
const outcomesOf = async (server: { port: number }, options: object): Promise<unknown[]> => {
  const asked = clients.map(() => statusFor(server, options).catch(() => 'refused'))
  return [...new Set(await Promise.all(asked))]
}

describe.each([1, 3])('with %i serving', (threads) => {
  test('a CA that is replaced counts for all at the next connection, resumed or not', async () => {
    const { server, replace } = await startWatched(threads)
    const session = await openSession(server, { ...showing(good), ca: own.ca })
    expect(await outcomesOf(server, { session })).toEqual([200])

    await replace(second.caFile)
    await vi.waitFor(async () => {
      expect(await outcomesOf(server, showing(foreign))).toEqual([200])
    }, 10_000)

    expect(await outcomesOf(server, { session })).toEqual(['refused'])
    expect(await outcomesOf(server, showing(good))).toEqual(['refused'])
  })
})

test('a file that is replaced by one without a CA is refused, and the CA before it stays', async () => {
  const { server, replace, problems } = await startWatched(1)

  await replace(own.certFile)
  await vi.waitFor(() => expect(problems).toHaveLength(1), 10_000)

  expect(problems[0]).toContain("which holds a certificate that is no CA's (CN=localhost)")
  expect(await statusFor(server, showing(good))).toBe(200)
})
