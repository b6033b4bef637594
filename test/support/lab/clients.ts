import { startBuildah } from './buildah.ts'
import type { ClientOptions } from './client.ts'
import { startContainerd } from './containerd.ts'
import { startDockerd } from './dockerd.ts'
import type { Lab } from './lab.ts'
import { openNamespace } from './namespace.ts'
import { startPodman } from './podman.ts'
import { startSkopeo } from './skopeo.ts'

type Start = (options: ClientOptions) => Promise<unknown>

const clients = {
  skopeo: { start: startSkopeo, programs: ['skopeo'] },
  podman: { start: startPodman, programs: ['podman'] },
  containerd: { start: startContainerd, programs: ['containerd', 'ctr'] },
  dockerd: { start: startDockerd, programs: ['dockerd', 'docker'] },
  buildah: { start: startBuildah, programs: ['buildah'] },
} as const satisfies Record<string, { start: Start; programs: readonly string[] }>

type Clients = {
  [Name in keyof typeof clients]: Awaited<ReturnType<(typeof clients)[Name]['start']>>
}

/** Those that pull and push; the others do something else. */
export const allClients = ['skopeo', 'podman', 'containerd', 'dockerd'] as const

export type ClientName = (typeof allClients)[number]

/** The programs that must be installed for these clients. */
export const programsOf = (names: readonly (keyof Clients)[]): readonly string[] =>
  names.flatMap((name) => [...clients[name].programs])

/**
 * Starts clients that have the mirror at `mirrorPort` of 127.0.0.1, and nothing else, to ask: over
 * HTTPS where a file with its CA is given. dockerd shows no certificate: it checks none of a loopback address.
 */
export const startClients = async <Name extends keyof Clients>(
  lab: Lab,
  mirrorPort: number,
  names: readonly Name[],
  secure: Pick<ClientOptions, 'mirrorCa' | 'clientCertificate'> = {},
): Promise<Pick<Clients, Name>> => {
  const namespace = await openNamespace(lab)
  await namespace.expose(mirrorPort)
  const options = { lab, namespace, mirrorPort, ...secure }
  const starting = names.map(async (name) => [name, await clients[name].start(options)] as const)
  return Object.fromEntries(await Promise.all(starting)) as Pick<Clients, Name>
}
