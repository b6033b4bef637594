import { dockerRegistry } from './docker-registry.ts'
import { entrepot } from './entrepot.ts'
import { nginx } from './nginx.ts'
import type { ServerKind } from './server.ts'

// The table shows them in this order.
const serverKinds: readonly ServerKind[] = [entrepot, dockerRegistry, nginx]

export const serverNames: readonly string[] = serverKinds.map(({ name }) => name)

export const findServerKinds = (names: readonly string[]): readonly ServerKind[] =>
  serverKinds.filter(({ name }) => names.includes(name))
