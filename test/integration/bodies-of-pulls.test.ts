import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import { ask } from '../support/raw-client.ts'
import { startServer } from '../support/start-server.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const mebibyte = 1024 * 1024
/** So much is read at most, and twice as much may wait in buffers of the system. */
const mostSentBytes = 16 * mebibyte

test.each([
  { where: 'in memory', blob: Buffer.from('what is answered from memory') },
  { where: 'on the disk', blob: Buffer.alloc(mebibyte, 'what is streamed') },
])(
  'who pulls with a body without end is hung up on, where the blob is $where',
  async ({ blob }) => {
    const directory = await makeTemporaryDirectory()
    const server = await startServer(directory.path, {
      offline: true,
      access: { anonymous: 'push' },
    })
    const digest = digestOf(blob)
    const upload = `/v2/team/app/blobs/uploads/?digest=${digest}`
    expect((await ask(server, upload, { method: 'POST', body: blob })).status).toBe(201)
    const path = `/v2/team/app/blobs/${digest}`
    for (let times = 0; times < 3; times++) expect((await ask(server, path)).status).toBe(200)

    const socket = connect(server.port, '127.0.0.1').on('error', () => {})
    socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${1024 * mebibyte}\r\n\r\n`)
    const chunk = Buffer.alloc(mebibyte)
    let isOver = false
    const send = () => {
      while (!isOver && !socket.destroyed && socket.write(chunk))
        isOver = socket.bytesWritten > 4 * mostSentBytes
      if (isOver) socket.destroy()
    }
    socket.on('drain', send)
    send()
    await new Promise<void>((resolve) => socket.on('close', () => resolve()))
    expect(socket.bytesWritten - socket.writableLength).toBeLessThan(mostSentBytes)
    await server.stop()
    await directory.remove()
  },
)
