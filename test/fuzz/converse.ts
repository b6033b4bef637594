import { connect } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { beginUpload } from '../support/push-over-http.ts'
import { ask } from '../support/raw-client.ts'
import type { Conversation } from './raw-requests.ts'
import { liveUpload } from './routes.ts'

type Target = { readonly port: number }

/** A connection on which nothing more is to be expected is closed after so long. */
const patienceMs = 150

/** Gives all that was answered on the connection, a byte a character. */
export async function converse(server: Target, { pieces, end }: Conversation): Promise<string> {
  const isLive = pieces.some((piece) => piece.includes(liveUpload))
  const place = isLive ? await beginUpload(server, 'team/app') : ''
  const upload = place.split('/').at(-1) ?? ''
  const socket = connect(server.port, '127.0.0.1')
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  // Whoever sends nonsense is hung up on, perhaps in the middle of it.
  socket.on('error', () => {}).on('close', () => resolve())
  socket.setTimeout(patienceMs, () => socket.destroy())
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  for (const piece of pieces) {
    socket.write(piece.replaceAll(liveUpload, upload), 'latin1')
    await setImmediate()
  }
  if (end === 'half-close') socket.end()
  if (end === 'break') socket.destroy()
  await closed
  const answer = Buffer.concat(chunks).toString('latin1')
  await cancelAll(server, [place, ...locationsIn(answer)])
  return answer
}

/** Of uploads that are under way. */
function locationsIn(answer: string): readonly string[] {
  return [...answer.matchAll(/^Location: (\S+\/blobs\/uploads\/\S+)\r$/gim)].map(
    ([, place = '']) => place,
  )
}

/** One client has only so many, and ten minutes of nonsense would end with none. */
async function cancelAll(server: Target, places: readonly string[]): Promise<void> {
  for (const place of new Set(places)) {
    if (place !== '') await ask(server, place, { method: 'DELETE' })
  }
}
