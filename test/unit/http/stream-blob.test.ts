import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { BufferPool } from '../../../src/http/buffer-pool.ts'
import { ClientGoneError, streamBlob } from '../../../src/http/stream-blob.ts'
import type { BlobReader } from '../../../src/store/blob-store.ts'

const sizeBytes = 64 * 1024 * 1024
const whole = { start: 0, end: sizeBytes - 1 }
const closers: (() => void)[] = []

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** An answer to a client that has asked and takes nothing of it. */
async function answerStalledClient(): Promise<{ outgoing: ServerResponse; leave: () => void }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.pause().on('error', () => {})
  client.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  closers.push(() => {
    client.destroy()
    server.close()
  })
  const [, outgoing] = (await once(server, 'request')) as [unknown, ServerResponse]
  outgoing.writeHead(200, { 'Content-Length': sizeBytes })
  return { outgoing, leave: () => client.destroy() }
}

/** Content that breaks off as soon as the client is seen to take nothing: its write is then pending. */
function breakingReader(outgoing: ServerResponse) {
  const failed = Promise.withResolvers<void>()
  const reader: BlobReader = {
    sizeBytes,
    read: async (buffer) => {
      await sleep(20)
      if (outgoing.writableLength === 0) return buffer.length
      failed.resolve()
      throw new Error('upstream broke off')
    },
    close: async () => {},
  }
  return { reader, failed: failed.promise }
}

// A rejection that nobody handles ends the process; Vitest fails on it.
test('a read that fails while a write is pending ends that stream and nothing else', async () => {
  const { outgoing, leave } = await answerStalledClient()
  const { reader, failed } = breakingReader(outgoing)
  const streaming = streamBlob(outgoing, reader, {
    range: whole,
    buffers: new BufferPool(),
    onBytes: () => {},
  })
  const outcome = expect(streaming).rejects.toThrow(ClientGoneError)
  await failed
  // The rejection, were it not handled, is reported before timers run.
  await sleep(1)
  leave()
  await outcome
})
