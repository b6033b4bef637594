import { connect } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { beginUpload } from '../support/push-over-http.ts'
import type { Conversation } from './raw-requests.ts'
import { liveUpload } from './routes.ts'

type Target = { readonly port: number }

/** A connection on which nothing more is to be expected is closed after so long. */
const patienceMs = 150

/** Gives all that was answered on the connection, a byte a character. */
export async function converse(server: Target, { pieces, end }: Conversation): Promise<string> {
  const upload = pieces.some((piece) => piece.includes(liveUpload))
    ? (await beginUpload(server, 'team/app')).split('/').at(-1)
    : undefined
  const socket = connect(server.port, '127.0.0.1')
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  // Whoever sends nonsense is hung up on, perhaps in the middle of it.
  socket.on('error', () => {}).on('close', () => resolve())
  socket.setTimeout(patienceMs, () => socket.destroy())
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  for (const piece of pieces) {
    socket.write(piece.replaceAll(liveUpload, upload ?? ''), 'latin1')
    await setImmediate()
  }
  if (end === 'half-close') socket.end()
  if (end === 'break') socket.destroy()
  await closed
  return Buffer.concat(chunks).toString('latin1')
}
