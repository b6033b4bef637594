// Container clients turn to the public registry when a mirror fails them. They run in a network
// namespace of their own, where nothing but the ports that a test exposes can be reached: a miss
// then shows as a failure, and nothing leaves the machine.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Server, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Lab } from './lab.ts'
import type { ExposedPort } from './namespace-holder.ts'
import type { Place } from './place.ts'

export interface Namespace extends Place {
  /** Of the process that holds it. */
  readonly pid: number
  /** Makes a port of our 127.0.0.1 the same port of the namespace's 127.0.0.1, or of another address that it has. */
  expose(port: number, address?: string): Promise<void>
}

const holder = fileURLToPath(new URL('./namespace-holder.ts', import.meta.url))
const enterNew = ['--net', '--mount', '--', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"']

/**
 * The namespace lives as long as the process that holds it, which ends with this one: nothing is
 * left behind. It has its own mounts too, so that no client can leave one in our way.
 */
export const openNamespace = async (lab: Lab): Promise<Namespace> => {
  const child = fork(holder, [], { execPath: 'unshare', execArgv: [...enterNew, process.execPath] })
  lab.onClose(async () => {
    child.disconnect()
    await once(child, 'exit')
  })
  await once(child, 'message')
  const target = `--target=${child.pid}`
  return {
    pid: child.pid ?? -1,
    address: '127.0.0.1',
    inside: (command) => ['nsenter', '--net', '--mount', target, '--', ...command],
    expose: (port, address = '127.0.0.1') => relayTo(child, { port, address }, lab),
  }
}

/** The listening socket is opened inside and passed to us: we accept there and connect here. */
const relayTo = async (child: ChildProcess, to: ExposedPort, lab: Lab): Promise<void> => {
  child.send(to)
  const [, listener] = (await once(child, 'message')) as ['listening', Server]
  await once(child, 'message')
  const open = new Set<Socket>()
  listener.on('connection', (inner) => {
    const outer = connect(to.port, '127.0.0.1')
    for (const socket of [inner, outer]) {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
    }
    join(inner, outer)
    join(outer, inner)
  })
  lab.onClose(async () => {
    listener.close()
    for (const socket of open) socket.destroy()
  })
}

/** Passes on what arrives, and the way it ended: cleanly or not. */
const join = (from: Socket, to: Socket): void => {
  from.pipe(to)
  from.on('error', () => to.destroy())
  from.on('close', () => {
    if (!from.readableEnded) to.destroy()
  })
}
