import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { refuseBytes } from '../../../src/http/malformed-request.ts'

const late = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })

/** A client that never hangs up, and its connection as the server has it. */
const startConnection = async (sent: string) => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void client.destroy())
  const [accepted] = (await once(server, 'connection')) as [Socket]
  if (sent !== '') {
    client.write(sent)
    await once(accepted, 'data')
  }
  return { client, accepted }
}

/** All that comes, without hanging up then. */
const read = async (client: Socket): Promise<string> => {
  let all = ''
  client.on('data', (chunk) => {
    all += chunk
  })
  await once(client, 'end')
  return all
}

test('a client whose request is late is told so, and cut off though it stays', async () => {
  const { client, accepted } = await startConnection('GET / HTTP/1.1\r\n')
  refuseBytes(late, accepted)
  const answer = await read(client)
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  expect(answer).toContain('took too long')
  expect(accepted.destroyed).toBe(false)
  await once(accepted, 'close')
})

test('a connection that was opened in advance is closed without a word', async () => {
  const { client, accepted } = await startConnection('')
  refuseBytes(late, accepted)
  expect(await read(client)).toBe('')
  expect(accepted.destroyed).toBe(true)
})
