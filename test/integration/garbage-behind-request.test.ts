import { once } from 'node:events'
import { connect } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import { ask } from '../support/raw-client.ts'
import { type StartedServer, startServer } from '../support/start-server.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const blob = Buffer.alloc(64 * 1024 * 1024, 'content ')
let server: StartedServer

beforeAll(async () => {
  const directory = await makeTemporaryDirectory()
  server = await startServer(directory.path, { offline: true, access: { anonymous: 'push' } })
  const path = `/v2/team/app/blobs/uploads/?digest=${digestOf(blob)}`
  expect((await ask(server, path, { method: 'POST', body: blob })).status).toBe(201)
  return async () => {
    await server.stop()
    await directory.remove()
  }
})

test('garbage behind a request never gets into the answer that is being sent', async () => {
  const socket = connect(server.port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('error', () => {})
  socket.write(`GET /v2/team/app/blobs/${digestOf(blob)} HTTP/1.1\r\nHost: h\r\n\r\n`)
  const [first] = (await once(socket, 'data')) as [Buffer]
  chunks.push(first)
  socket.pause().write('this is no request\r\n\r\n')
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume()
  await once(socket, 'close')
  const answer = Buffer.concat(chunks)
  const body = answer.subarray(answer.indexOf('\r\n\r\n') + 4)
  expect(body.length).toBeLessThan(blob.length)
  expect(body.equals(blob.subarray(0, body.length))).toBe(true)
})
