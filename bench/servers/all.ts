import { direct } from './direct.ts'
import { dockerRegistry } from './docker-registry.ts'
import { entrepot } from './entrepot.ts'
import { nginx } from './nginx.ts'
import { nginxProxy } from './nginx-proxy.ts'
import type { ServerKind } from './server.ts'

// The table shows them in this order.
const serverKinds: readonly ServerKind[] = [entrepot, dockerRegistry, nginx, nginxProxy, direct]

/** Those that the parts for kept content measure. */
export const keptServers: readonly ServerKind[] = [entrepot, dockerRegistry, nginx]

export const serverNames: readonly string[] = serverKinds.map(({ name }) => name)

export const findServerKinds = (names: readonly string[]): readonly ServerKind[] =>
  serverKinds.filter(({ name }) => names.includes(name))
