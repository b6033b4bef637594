import type { Client, ClientOptions } from './client.ts'
import { startContainerd } from './containerd.ts'
import { startDockerd } from './dockerd.ts'
import type { Lab } from './lab.ts'
import { openNamespace } from './namespace.ts'
import { startPodman } from './podman.ts'
import { startSkopeo } from './skopeo.ts'

type Start = (options: ClientOptions) => Promise<Client>

const clients = {
  skopeo: { start: startSkopeo, programs: ['skopeo'] },
  podman: { start: startPodman, programs: ['podman'] },
  containerd: { start: startContainerd, programs: ['containerd', 'ctr'] },
  dockerd: { start: startDockerd, programs: ['dockerd', 'docker'] },
} as const satisfies Record<string, { start: Start; programs: readonly string[] }>

export type ClientName = keyof typeof clients

export const allClients = Object.keys(clients) as ClientName[]

/** The programs that must be installed for these clients. */
export const programsOf = (names: readonly ClientName[]): readonly string[] =>
  names.flatMap((name) => [...clients[name].programs])

/**
 * Starts clients that have the mirror at `mirrorPort` of 127.0.0.1, and nothing else, to ask: over
 * HTTPS where a file with its CA is given.
 */
export const startClients = async <Name extends ClientName>(
  lab: Lab,
  mirrorPort: number,
  names: readonly Name[],
  { mirrorCa }: Pick<ClientOptions, 'mirrorCa'> = {},
): Promise<Record<Name, Client>> => {
  const namespace = await openNamespace(lab)
  await namespace.expose(mirrorPort)
  const options = { lab, namespace, mirrorPort, mirrorCa }
  const starting = names.map(async (name) => [name, await clients[name].start(options)] as const)
  return Object.fromEntries(await Promise.all(starting)) as Record<Name, Client>
}
