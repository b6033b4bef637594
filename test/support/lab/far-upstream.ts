import { fileURLToPath } from 'node:url'
import type { LineRoute } from '../../../bench/line/limits.ts'
import { runCommand, startProcess, waitUntilReady } from './background-process.ts'
import { findFreePort, isListening } from './free-port.ts'
import type { Lab } from './lab.ts'
import type { NetworkLink } from './network-link.ts'

export interface Distance {
  /** How fast a server at the far end sends over one connection. */
  readonly connectionBytesPerSecond: number
  readonly roundTripMs: number
}

export interface FarUpstream {
  /** Where it is reached from the near end. */
  readonly port: number
  /** What makes it far: the kernel, or where that can't, a line in front of it. */
  readonly means: string
}

const device = 'lab'
const lineFile = fileURLToPath(new URL('../../../bench/line/line.ts', import.meta.url))

/**
 * Makes a server at the far end of a cable as far away and as slow for each connection as said. All
 * the delay is on the way to it. Nginx's limit_rate wouldn't do: it is a limit for each request,
 * and gives every request a second's worth at once.
 */
export const moveFarAway = async (
  lab: Lab,
  { link, port }: { readonly link: NetworkLink; readonly port: number },
  distance: Distance,
): Promise<FarUpstream> => {
  if (await shapeCable(link, distance)) return { port, means: 'tc netem and fq' }
  return { port: await startLineBefore(lab, link, { port, distance }), means: 'a line of ours' }
}

/** Undoes what it did and returns false where the kernel doesn't have both. */
const shapeCable = async ({ ends }: NetworkLink, distance: Distance): Promise<boolean> => {
  const [near, far] = ends
  const bitsPerSecond = distance.connectionBytesPerSecond * 8
  const delay = ['netem', 'delay', `${distance.roundTripMs}ms`, 'limit', '100000']
  const limit = ['fq', 'maxrate', `${bitsPerSecond}bit`]
  const tc = (verb: string, ...parameters: string[]) => [
    ...['tc', 'qdisc', verb, 'dev', device, 'root'],
    ...parameters,
  ]
  if ((await runCommand(near.inside(tc('replace', ...delay)))).exitCode !== 0) return false
  if ((await runCommand(far.inside(tc('replace', ...limit)))).exitCode === 0) return true
  await runCommand(near.inside(tc('del')))
  return false
}

const startLineBefore = async (
  lab: Lab,
  { ends: [, far] }: NetworkLink,
  { port, distance }: { readonly port: number; readonly distance: Distance },
): Promise<number> => {
  const linePort = await findFreePort()
  const route: LineRoute = {
    listen: { host: far.address, port: linePort },
    upstream: { host: far.address, port },
    limits: distance,
  }
  const command = far.inside([process.execPath, lineFile, JSON.stringify(route)])
  const started = startProcess(command, lab.addLog('line.log'))
  lab.onClose(started.stop)
  await waitUntilReady(started, () => isListening(linePort, far))
  return linePort
}
