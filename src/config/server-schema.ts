import { resolve } from 'node:path'
import { holdsPem } from './certificates.ts'
import { type Price, type TlsConfig, type WebhookEvent, webhookEvents } from './config.ts'
import { parseCidr, parseWebUrl } from './network-values.ts'
import {
  parseCount,
  parseOneOf,
  parsePath,
  parseSecret,
  parseText,
  textOf,
} from './plain-values.ts'
import {
  type BrokenRule,
  choice,
  listOf,
  mapOf,
  optional,
  optionalText,
  required,
  section,
  someOf,
  withRules,
} from './setting.ts'
import type { Surroundings } from './to-upstream.ts'
import { ValueError } from './value-error.ts'

interface TlsSettings {
  readonly cert: string
  readonly key: string
  readonly clientCa: string | undefined
  readonly clientCertificates: TlsConfig['clientCertificates'] | undefined
}

const wantedImage = 'an image such as docker.io/library/node:20-alpine'
const highestThreads = 64
const parseThreadCount = parseCount(1, highestThreads)
const noTls = optional<TlsSettings>(refuseTls)
const tlsShape = {
  cert: required(parsePemPath),
  key: required(parsePemPath),
  clientCa: optional(parsePemPath),
  clientCertificates: optional(parseOneOf(['optional', 'required'])),
}
const tlsSection = withRules<TlsSettings>(section(tlsShape), findClientsWithoutCa)

export const tlsSchema = choice((value) => {
  return typeof value === 'object' && value !== null ? tlsSection : noTls
})

export const clientsSchema = mapOf(parseClientName, () => {
  return someOf(required(parseCidr), 'a range of addresses such as 10.0.3.0/24')
})

export const webhooksSchema = listOf(
  section({
    url: required(parseWebUrl),
    secret: optionalText(parseSecret),
    events: listOf(required(parseOneOf(webhookEvents))).transform(orEvery),
  }),
)

export const warmSchema = listOf(
  section({
    schedule: optional(parseSchedule),
    platforms: listOf(required(parsePlatform)),
    images: someOf(required(parseImage), wantedImage),
  }),
)

/** A file that couldn't be read has been reported, and nothing comes of the configuration. */
export function toTls(settings: TlsSettings, { folder, texts }: Surroundings): TlsConfig {
  const [cert, key] = [resolve(folder, settings.cert), resolve(folder, settings.key)]
  const clientCa = settings.clientCa && resolve(folder, settings.clientCa)
  return {
    cert,
    key,
    certPem: texts.get(cert) ?? '',
    keyPem: texts.get(key) ?? '',
    clientCa,
    clientCaPem: clientCa && (texts.get(clientCa) ?? ''),
    clientCertificates: settings.clientCertificates ?? 'optional',
  }
}

export function parseThreads(value: unknown): 'auto' | number {
  if (value === 'auto') return 'auto'
  try {
    return parseThreadCount(value)
  } catch {
    throw new ValueError(value, `auto, or a whole number from 1 to ${highestThreads}`)
  }
}

/** Reads `0.09 USD`. */
export function parsePrice(value: unknown): Price {
  const match = /^([0-9]{1,9}(?:\.[0-9]{1,6})?) ([A-Z]{3})$/.exec(textOf(value))
  if (!match) throw new ValueError(value, 'an amount and a currency, such as 0.09 USD')
  return { amount: Number(match[1]), currency: match[2] ?? '' }
}

function parsePemPath(value: unknown): string {
  const path = parsePath(value)
  if (!holdsPem(path)) return path
  throw new ValueError(value, 'the path of a PEM file, not what is in it')
}

// It would look as if strangers were kept out.
function findClientsWithoutCa(settings: TlsSettings): BrokenRule | undefined {
  const { clientCa, clientCertificates } = settings
  if (clientCa !== undefined || typeof clientCertificates !== 'string') return undefined
  const wanted = "clientCa beside it: the PEM file of the CA that clients' certificates are from"
  return { path: ['clientCertificates'], found: `${clientCertificates} alone`, wanted }
}

function refuseTls(value: unknown): never {
  throw new ValueError(value, 'none, or {cert: file, key: file}')
}

function parseClientName(value: unknown): string {
  if (value === 'server') throw new ValueError(value, 'another name: reports call this server so')
  if (typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/.test(value)) return value
  throw new ValueError(
    value,
    'a name such as ci, at most 64 letters, digits, spaces, ".", "_", "-"',
  )
}

function orEvery(events: readonly WebhookEvent[]): readonly WebhookEvent[] {
  return events.length > 0 ? events : webhookEvents
}

/** Only the form: five or six fields, or a nickname. What they mean is for the one who runs it. */
function parseSchedule(value: unknown): string {
  const text = parseText(value)
  const isNickname = /^@(?:yearly|annually|monthly|weekly|daily|hourly)$/.test(text)
  const isCron = /^[A-Za-z0-9*/,?#-]+(?: +[A-Za-z0-9*/,?#-]+){4,5}$/.test(text)
  if (isNickname || isCron) return text
  throw new ValueError(value, 'a cron expression such as 0 3 * * *')
}

function parsePlatform(value: unknown): string {
  if (typeof value === 'string' && /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/.test(value)) {
    return value
  }
  throw new ValueError(value, 'a platform such as linux/amd64')
}

function parseImage(value: unknown): string {
  if (typeof value === 'string' && /^\S+$/.test(value)) return value
  throw new ValueError(value, wantedImage)
}
