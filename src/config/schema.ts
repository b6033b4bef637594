import { resolve } from 'node:path'
import type { z } from 'zod'
import { readUpstreamName } from '../oci/upstream-name.ts'
import { accessSchema, hostedSchema, toHosted } from './access-schema.ts'
import { type Config, logLevels } from './config.ts'
import { formatAddress, parseAddress, parseCidr, parseDefaultUpstream } from './network-values.ts'
import { parseFlag, parseOneOf, parsePath } from './plain-values.ts'
import {
  clientsSchema,
  parsePrice,
  parseThreads,
  tlsSchema,
  toTls,
  warmSchema,
  webhooksSchema,
} from './server-schema.ts'
import {
  type BrokenRule,
  listOf,
  optional,
  required,
  section,
  setting,
  withRules,
} from './setting.ts'
import { spaceSchema, toSpace } from './space-schema.ts'
import { storeSchema } from './store-schema.ts'
import { type Surroundings, toUpstream } from './to-upstream.ts'
import { everyHost, upstreamsSchema } from './upstream-schema.ts'

const configShape = {
  listen: setting(parseAddress, '0.0.0.0:5000'),
  dockerListen: optional(parseAddress),
  data: setting(parsePath, './data'),
  backups: optional(parsePath),
  defaultUpstream: setting(parseDefaultUpstream, 'docker.io'),
  upstreams: upstreamsSchema,
  offline: setting(parseFlag, false),
  space: spaceSchema,
  hosted: hostedSchema,
  access: accessSchema,
  threads: setting(parseThreads, 'auto'),
  tls: tlsSchema,
  trustedProxies: listOf(required(parseCidr)),
  clients: clientsSchema,
  clientAddresses: setting(parseOneOf(['plain', 'hashed'] as const), 'plain'),
  pricePerGB: optional(parsePrice),
  webhooks: webhooksSchema,
  warm: warmSchema,
  store: storeSchema,
  log: section({ level: setting(parseOneOf(logLevels), 'info') }),
}

export type Settings = z.output<z.ZodObject<typeof configShape>>

/** All of mirrors.yaml, keys as they stand there, values read. */
export const configSchema: z.ZodType<Settings> = withRules(
  section(configShape),
  findUnknownDefaultUpstream,
  findSharedPort,
)

/** Turns checked settings into what the rest of the server works with. */
export function toConfig(settings: Settings, surroundings: Surroundings): Config {
  const { folder } = surroundings
  return {
    ...settings,
    data: resolve(folder, settings.data),
    backups: settings.backups === undefined ? undefined : resolve(folder, settings.backups),
    upstreams: new Map(
      [...settings.upstreams].map(([name, upstream]) => {
        return [name, toUpstream(name, upstream, surroundings)]
      }),
    ),
    space: toSpace(settings.space),
    hosted: toHosted(settings.hosted),
    tls: settings.tls && toTls(settings.tls, surroundings),
  }
}

// An entry for every host admits the default upstream too.
function findUnknownDefaultUpstream(settings: Settings): BrokenRule | undefined {
  const { defaultUpstream, upstreams } = settings
  if (!(upstreams instanceof Map) || typeof defaultUpstream !== 'string') return undefined
  const names = [...settings.upstreams.keys()]
  if (names.some((name) => name === everyHost || readUpstreamName(name) === defaultUpstream)) {
    return undefined
  }
  const wanted = `one of the upstreams (${names.join(', ') || 'there are none'})`
  return { path: ['defaultUpstream'], found: defaultUpstream, wanted }
}

function findSharedPort({ listen, dockerListen }: Settings): BrokenRule | undefined {
  if (!listen?.port || listen.port !== dockerListen?.port) return undefined
  if (listen.host !== dockerListen.host) return undefined
  const wanted = 'a port of its own, beside listen'
  return { path: ['dockerListen'], found: formatAddress(dockerListen), wanted }
}
