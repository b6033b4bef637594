import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { OpenReply, type Reply } from './raw-client.ts'

interface Target {
  readonly port: number
}

/** Asks over HTTPS on a connection of its own, believing this CA alone, and reads the answer. */
export const askSecurely = async (
  target: Target,
  path: string,
  ca: string,
  options: RequestOptions = {},
): Promise<Reply> => (await openSecureReply(target, path, ca, options)).finish()

export const openSecureReply = async (
  { port }: Target,
  path: string,
  ca: string,
  options: RequestOptions = {},
): Promise<OpenReply> => {
  const asked = request({ host: '127.0.0.1', port, path, ca, agent: false, ...options }).end()
  const [incoming] = (await once(asked, 'response')) as [IncomingMessage]
  return new OpenReply(incoming)
}

/** A connection whose handshake is done. Rejects with what the two couldn't agree upon. */
export const connectSecurely = async (
  { port }: Target,
  options: ConnectionOptions,
): Promise<TLSSocket> => {
  const socket = connect({ host: '127.0.0.1', port, ...options })
  await once(socket, 'secureConnect')
  // Whatever becomes of the connection afterwards shows when it closes.
  socket.on('error', () => {})
  return socket
}

/** A session that the server has given out, to be offered on a later connection. */
export const openSession = async (
  { port }: Target,
  options: ConnectionOptions,
): Promise<Buffer> => {
  const socket = connect({ host: '127.0.0.1', port, ...options })
  try {
    const [session] = (await once(socket, 'session')) as [Buffer]
    return session
  } finally {
    socket.on('error', () => {}).destroy()
  }
}

/** Whether the server takes the session up again. */
export const isResumed = async (
  target: Target,
  session: Buffer,
  options: ConnectionOptions,
): Promise<boolean> => {
  const socket = await connectSecurely(target, { ...options, session })
  const isReused = socket.isSessionReused()
  socket.destroy()
  return isReused
}
