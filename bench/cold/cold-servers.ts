import { direct } from '../servers/direct.ts'
import { dockerRegistry } from '../servers/docker-registry.ts'
import { entrepot } from '../servers/entrepot.ts'
import { nginxProxy } from '../servers/nginx-proxy.ts'
import type { ServerKind } from '../servers/server.ts'

/** Those that fetch, and what they are compared with: not to stand in between at all. */
export const coldServers: readonly ServerKind[] = [entrepot, dockerRegistry, nginxProxy, direct]
