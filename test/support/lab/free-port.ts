import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { runCommand } from './background-process.ts'
import { type Place, thisMachine } from './place.ts'

// Below the range that Linux takes the ports of outgoing connections from: one of those could be
// given away between our look and the start of the program that we looked for.
const [lowest, highest] = [10_000, 32_000]

/** A port of 127.0.0.1 that nobody listens on, for a program that can't choose one itself. */
export const findFreePort = async (): Promise<number> => {
  const port = randomInt(lowest, highest)
  return (await canListen(port)) ? port : findFreePort()
}

/** By a program that is run there: from here, nothing in a network namespace can be reached. */
export const isListening = async (port: number, place: Place = thisMachine): Promise<boolean> => {
  const connect = `: </dev/tcp/${place.address}/${port}`
  return (await runCommand(place.inside(['bash', '-c', connect]))).exitCode === 0
}

const canListen = async (port: number): Promise<boolean> => {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
