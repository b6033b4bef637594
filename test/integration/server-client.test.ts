import { appendFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { askServer } from '../../src/commands/server-client.ts'
import { makeCertificates, makeClientCa } from '../support/lab/certificates.ts'
import { findFreePort } from '../support/lab/free-port.ts'
import { writeMirrors } from '../support/run-command.ts'
import { makeFolder } from '../support/start-mirrored.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

const nowhere = '/nowhere/mirrors.yaml'

const listen = async (handler: Handler, tls?: ServerOptions) => {
  const server = tls ? createTlsServer(tls, handler) : createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await server[Symbol.asyncDispose]()
  })
  return (server.address() as AddressInfo).port
}

const answer = (value: unknown, status = 200): Handler => {
  return (_request, response) => response.writeHead(status).end(JSON.stringify(value))
}

test('the answer comes parsed, and what is sent is JSON, with the token of the environment', async () => {
  vi.stubEnv('ENTREPOT_TOKEN', 'secret\n')
  onTestFinished(() => void vi.unstubAllEnvs())
  const port = await listen(async (request, response) => {
    const { method, url, headers } = request
    const { authorization } = headers
    const body = await text(request)
    response.end(JSON.stringify({ method, url, authorization, body }))
  })
  const options = { config: nowhere, server: `127.0.0.1:${port}` }
  expect(await askServer(options, 'POST', '/api/v1/x?y=%2F', { a: 1 })).toEqual({
    method: 'POST',
    url: '/api/v1/x?y=%2F',
    authorization: 'Bearer secret',
    body: '{"a":1}',
  })
})

test('without --server it is the one that the configuration names', async () => {
  const port = await listen(answer({ ok: true }))
  const config = await writeMirrors({ listen: `0.0.0.0:${port}` })
  expect(await askServer({ config }, 'GET', '/api/v1/x')).toEqual({ ok: true })
})

test('with tls it must have the configured certificate, whatever name that is for', async () => {
  const folder = await makeFolder()
  const [own, other] = await Promise.all(
    ['own', 'other'].map((name) => makeCertificates(join(folder, name))),
  )
  if (!own || !other) throw new Error('no certificates')
  const port = await listen(answer({ ok: true }), own)
  const configOf = ({ certFile: cert, keyFile: key }: typeof own) =>
    writeMirrors({ listen: `127.0.0.1:${port}`, tls: { cert, key } })
  const config = await configOf(own)
  expect(await askServer({ config }, 'GET', '/api/v1/x')).toEqual({ ok: true })
  const wrong = askServer({ config: await configOf(other) }, 'GET', '/api/v1/x')
  await expect(wrong).rejects.toThrow(/can't be reached: .*certificate/)
  const server = `https://127.0.0.1:${port}`
  await expect(askServer({ config, server }, 'GET', '/')).rejects.toThrow(/certificate/)
})

test('and no other of the CA whose certificate follows it in the file', async () => {
  const folder = await makeFolder()
  const ca = await makeClientCa(folder)
  const extensions = 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n'
  const own = await ca.issue('own', { extensions })
  const impostor = await ca.issue('impostor', { extensions })
  await appendFile(own.certFile, ca.ca)
  const ports = [await listen(answer({ ok: true }), own), await listen(answer({}), impostor)]
  const [config = '', other = ''] = await Promise.all(
    ports.map((port) =>
      writeMirrors({
        listen: `127.0.0.1:${port}`,
        tls: { cert: own.certFile, key: own.keyFile },
      }),
    ),
  )
  expect(await askServer({ config }, 'GET', '/api/v1/x')).toEqual({ ok: true })
  const asked = askServer({ config: other }, 'GET', '/api/v1/x')
  await expect(asked).rejects.toThrow(/can't be reached: .*certificate/)
})

test('to who wants a certificate it shows the one that the environment names', async () => {
  onTestFinished(() => void vi.unstubAllEnvs())
  const folder = await makeFolder()
  const own = await makeCertificates(join(folder, 'own'))
  const ca = await makeClientCa(join(folder, 'clients'))
  const { certFile, keyFile } = await ca.issue('operator')
  const asking = { ca: ca.ca, requestCert: true, rejectUnauthorized: true }
  const port = await listen(answer({ ok: true }), { ...own, ...asking })
  const tls = { cert: own.certFile, key: own.keyFile }
  const config = await writeMirrors({ listen: `127.0.0.1:${port}`, tls })
  const ask = () => askServer({ config }, 'GET', '/api/v1/x')

  await expect(ask()).rejects.toThrow('wants a client certificate: name the files of one')
  vi.stubEnv('ENTREPOT_CLIENT_CERT', certFile)
  await expect(ask()).rejects.toThrow('ENTREPOT_CLIENT_KEY is missing beside the other')
  vi.stubEnv('ENTREPOT_CLIENT_KEY', join(folder, 'none.key'))
  await expect(ask()).rejects.toThrow(/the file of ENTREPOT_CLIENT_KEY can't be read: .*none\.key/)
  vi.stubEnv('ENTREPOT_CLIENT_KEY', keyFile)
  expect(await ask()).toEqual({ ok: true })
})

test.each([
  { status: 404, value: { error: 'no such image' }, says: 'no such image' },
  { status: 401, value: { error: 'who are you?' }, says: 'ENTREPOT_TOKEN' },
  { status: 502, value: 'a proxy', says: 'it answered 502' },
])('an answer of $status is an error that says $says', async ({ status, value, says }) => {
  const port = await listen(answer(value, status))
  const asked = askServer({ config: nowhere, server: `127.0.0.1:${port}` }, 'GET', '/')
  await expect(asked).rejects.toMatchObject({ status, message: expect.stringContaining(says) })
})

test('what is no Entrepot is not taken for one', async () => {
  const port = await listen((_request, response) => response.end('<html>'))
  const asked = askServer({ config: nowhere, server: `127.0.0.1:${port}` }, 'GET', '/')
  await expect(asked).rejects.toThrow('no Entrepot')
})

test('a server that is not there, or leaves in the middle, is said to be so', async () => {
  const server = `http://127.0.0.1:${await findFreePort()}`
  const asked = askServer({ config: nowhere, server }, 'GET', '/')
  await expect(asked).rejects.toThrow(`${server} can't be reached: nothing listens there. Is it`)
  const port = await listen((_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{')
    response.destroy()
  })
  const broken = askServer({ config: nowhere, server: `127.0.0.1:${port}` }, 'GET', '/')
  await expect(broken).rejects.toThrow("can't be reached")
})

test.each(['ftp://host', 'http://host/path', 'http://', 'http://user@host', 'a b'])(
  '--server %o is wrong usage',
  async (server) => {
    const asked = askServer({ config: nowhere, server }, 'GET', '/')
    await expect(asked).rejects.toMatchObject({ exitCode: 2 })
  },
)

test('without a configuration it says how to do without', async () => {
  const asked = askServer({ config: nowhere }, 'GET', '/')
  await expect(asked).rejects.toThrow(/found no file(.|\n)*--server http/)
})
