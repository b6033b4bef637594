import { runCommand, runToSuccess } from './background-process.ts'
import type { Namespace } from './namespace.ts'
import type { Place } from './place.ts'

/** A cable between two network namespaces, and what happens to the packets on it. */
export interface NetworkLink {
  /** Each namespace, and its address on the cable. */
  readonly ends: readonly [Place, Place]
  /** From now on packets vanish, in both directions: nobody is told, connections fall silent. */
  drop(): Promise<void>
  /** Packets arrive again. */
  restore(): Promise<void>
  /** TCP connections that the first end believes to have to the second. */
  countConnections(): Promise<number>
}

const device = 'lab'
// Reserved for documentation (RFC 5737): nobody's.
const addresses = ['192.0.2.1', '192.0.2.2'] as const

/** Joins them with a veth pair, which ends with the namespaces. */
export const linkNamespaces = async (near: Namespace, far: Namespace): Promise<NetworkLink> => {
  const pair = ['type', 'veth', 'peer', 'name', device, 'netns', `${far.pid}`]
  await runToSuccess(near.inside(['ip', 'link', 'add', device, ...pair]))
  const ends = [placeOf(near, addresses[0]), placeOf(far, addresses[1])] as const
  for (const { address, inside } of ends) {
    await runToSuccess(inside(['ip', 'address', 'add', `${address}/30`, 'dev', device]))
    await runToSuccess(inside(['ip', 'link', 'set', device, 'up']))
  }
  return {
    ends,
    drop: async () => {
      await misdirect(ends[0], ends[1].address)
      await misdirect(ends[1], ends[0].address)
    },
    restore: async () => {
      await forget(ends[0], ends[1].address)
      await forget(ends[1], ends[0].address)
    },
    countConnections: () => countConnections(ends[0], ends[1].address),
  }
}

const placeOf = ({ inside }: Namespace, address: string): Place => ({ address, inside })

// A network card that nobody has: packets leave for it and reach nobody. Unlike a device that is
// down or a route that is missing, that is no error to who sends them.
const nobody = ['lladdr', '02:00:00:00:00:99', 'nud', 'permanent']

const misdirect = async (from: Place, to: string): Promise<void> => {
  await runToSuccess(from.inside(['ip', 'neigh', 'replace', to, ...nobody, 'dev', device]))
}

const forget = async (from: Place, to: string): Promise<void> => {
  await runToSuccess(from.inside(['ip', 'neigh', 'del', to, 'dev', device]))
}

const countConnections = async (from: Place, to: string): Promise<number> => {
  const { stdout } = await runCommand(
    from.inside(['ss', '-Htn', 'state', 'established', 'dst', to]),
  )
  return stdout.split('\n').filter((line) => line !== '').length
}
