import type { z } from 'zod'
import { parseHost, parseRegistryUrl, parseUpstreamHost } from './network-values.ts'
import {
  parseCount,
  parseFlag,
  parseGlob,
  parseOneOf,
  parsePath,
  parseSecret,
} from './plain-values.ts'
import {
  type BrokenRule,
  listOf,
  mapOf,
  optional,
  optionalText,
  required,
  section,
  setting,
  withRules,
} from './setting.ts'
import { parseDuration, parseRate, parseSize, parseTimeout } from './units.ts'
import { ValueError } from './value-error.ts'

/** The entry that stands for every host without an entry of its own. */
export const everyHost = '*'

const defaultUpstreams = [
  'docker.io',
  'ghcr.io',
  'quay.io',
  'registry.k8s.io',
  'gcr.io',
  'mcr.microsoft.com',
  'public.ecr.aws',
  'nvcr.io',
]

const glob = required(parseGlob)

const upstreamShape = {
  url: listOf(required(parseRegistryUrl)),
  username: optionalText(parseSecret),
  password: optionalText(parseSecret),
  passwordFile: optional(parsePath),
  tagTtl: setting(parseDuration, '5m'),
  missTtl: setting(parseDuration, '30s'),
  onGone: setting(parseOneOf(['refuse', 'serve']), 'refuse'),
  allow: listOf(glob, ['**']),
  deny: listOf(glob),
  maxConnections: setting(parseCount(1, 1000), 16),
  bandwidth: optional(parseRate),
  connectTimeout: setting(parseTimeout, '5s'),
  idleTimeout: setting(parseTimeout, '30s'),
  ca: optional(parsePath),
  allowHosts: listOf(required(parseHost)),
  private: setting(parseFlag, false),
  maxSize: optional(parseSize),
  prefetch: setting(parseFlag, true),
}

/** An upstream as mirrors.yaml has it, values read, keys as they are there. */
export type UpstreamSettings = z.output<z.ZodObject<typeof upstreamShape>>

const upstreamSchema = withRules(section(upstreamShape), findTwoPasswords, findHalfLogin)

// A login of this entry would be sent to any host at all that a client asks for.
const everyHostSchema: z.ZodType<UpstreamSettings> = section({
  ...upstreamShape,
  url: required((value) => refuseFor(value, 'url') ?? []),
  username: required((value) => refuseFor(value, 'username')),
  password: required((value) => refuseFor(value, 'password')),
  passwordFile: required((value) => refuseFor(value, 'passwordFile')),
})

export const upstreamsSchema = mapOf(
  (value) => (value === everyHost ? everyHost : parseUpstreamHost(value)),
  (name) => (name === everyHost ? everyHostSchema : upstreamSchema),
  defaultUpstreams,
)

function refuseFor(value: unknown, key: string): undefined {
  if (value === undefined || value === null || value === '') return undefined
  throw new ValueError(value, `no ${key}: "*" stands for every host; name the host to give it one`)
}

function findTwoPasswords({ password, passwordFile }: UpstreamSettings): BrokenRule | undefined {
  if (password === undefined || passwordFile === undefined) return undefined
  const wanted = 'either password or passwordFile'
  return { path: ['passwordFile'], found: 'a password beside it', wanted }
}

// Half a login is a variable that somebody forgot to set, and would be noticed as a rate limit.
function findHalfLogin(settings: UpstreamSettings): BrokenRule | undefined {
  const hasPassword = settings.password !== undefined || settings.passwordFile !== undefined
  if (hasPassword === (settings.username !== undefined)) return undefined
  return hasPassword
    ? { path: ['username'], found: 'nothing', wanted: 'a username, since there is a password' }
    : { path: ['password'], found: 'nothing', wanted: 'a password, since there is a username' }
}
