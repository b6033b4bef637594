/*
 * mirrors.yaml: its schema, its defaults, and taking up changes while the server runs. The other
 * rooms get a Config, checked and complete, and never see YAML, units or the environment. This
 * room knows what may be written, not what is done with it.
 */
import type { UpstreamName } from '../oci/upstream-name.ts'

/** A checked configuration with every default filled in. Paths are absolute, lists never absent. */
export interface Config {
  readonly listen: Address
  readonly dockerListen: Address | undefined
  readonly data: string
  /** The folder into which backups may be made over the network. */
  readonly backups: string | undefined
  readonly defaultUpstream: UpstreamName
  /** By name; the entry `*`, where there is one, stands for every host without its own. */
  readonly upstreams: ReadonlyMap<string, UpstreamConfig>
  readonly offline: boolean
  readonly space: SpaceConfig
  readonly hosted: HostedConfig
  readonly access: AccessConfig
  readonly threads: 'auto' | number
  readonly tls: TlsConfig | undefined
  readonly trustedProxies: readonly string[]
  /** A name for reports, and the CIDRs it stands for. */
  readonly clients: ReadonlyMap<string, readonly string[]>
  /** Whether reports have the addresses of other clients, or hashes of them. */
  readonly clientAddresses: 'plain' | 'hashed'
  readonly pricePerGB: Price | undefined
  readonly webhooks: readonly WebhookConfig[]
  readonly warm: readonly WarmConfig[]
  readonly store: StoreConfig
  readonly log: { readonly level: LogLevel }
}

export interface Address {
  readonly host: string
  readonly port: number
}

export interface UpstreamConfig {
  readonly name: string
  /** Origins such as `https://ghcr.io`, each tried when the one before fails. Empty for `*`. */
  readonly urls: readonly string[]
  readonly username: string | undefined
  /** Given in place, or the content of `passwordFile`. */
  readonly password: string | undefined
  readonly passwordFile: string | undefined
  readonly tagTtlMs: number
  readonly missTtlMs: number
  readonly onGone: 'refuse' | 'serve'
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  readonly maxConnections: number
  readonly bandwidthBytesPerSecond: number | undefined
  readonly connectTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly ca: string | undefined
  /** The content of `ca`, one or more certificates. */
  readonly caPem: string | undefined
  readonly allowHosts: readonly string[]
  readonly private: boolean
  readonly maxSizeBytes: number | undefined
  readonly prefetch: boolean
}

export interface SpaceConfig {
  /** Shares of the disk, 0 to 1; low is below high. */
  readonly high: number
  readonly low: number
  readonly maxSizeBytes: number | undefined
  readonly minFreeBytes: number
  readonly minAgeMs: number
  readonly pins: readonly string[]
}

export interface HostedConfig {
  readonly repositories: readonly string[]
  readonly immutableTags: readonly string[]
  readonly retention: readonly RetentionRule[]
}

/** At least one of keepLast and maxAgeMs is there. */
export interface RetentionRule {
  readonly repositories: readonly string[]
  /** A regular expression's source; undefined means every tag. */
  readonly tags: string | undefined
  readonly keepLast: number | undefined
  readonly maxAgeMs: number | undefined
}

export interface AccessConfig {
  readonly anonymous: 'none' | 'pull' | 'push'
  /** Names of users and tokens, by the name of their group. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly rules: readonly AccessRule[]
}

export interface AccessRule {
  /** A user, a token, a group, `anonymous` (everybody) or `users` (whoever is logged in as a user). */
  readonly who: string
  readonly repositories: readonly string[]
  readonly may: readonly ('pull' | 'push' | 'delete' | 'admin')[]
}

export interface TlsConfig {
  readonly cert: string
  readonly key: string
  /** The content of `cert`: the server's certificate, then those between it and its CA. */
  readonly certPem: string
  /** The content of `key`: a secret. */
  readonly keyPem: string
  readonly clientCa: string | undefined
  /** The content of `clientCa`, one or more certificates. */
  readonly clientCaPem: string | undefined
  /** Whether a client may come without a certificate of `clientCa`. */
  readonly clientCertificates: 'optional' | 'required'
}

export interface Price {
  readonly amount: number
  /** Three capital letters (ISO 4217). */
  readonly currency: string
}

export interface WebhookConfig {
  readonly url: string
  readonly secret: string | undefined
  /** All of them where mirrors.yaml names none. */
  readonly events: readonly WebhookEvent[]
}

export interface WarmConfig {
  /** A cron expression; undefined means once, at the start. */
  readonly schedule: string | undefined
  /** Empty means every platform of the image. */
  readonly platforms: readonly string[]
  readonly images: readonly string[]
}

export interface StoreConfig {
  readonly blobs: { readonly kind: 'file' } | S3Config
  readonly metadata: { readonly kind: 'sqlite' } | PostgresConfig
}

export interface S3Config {
  readonly kind: 's3'
  readonly bucket: string
  /** Without a slash at either end; may be empty. */
  readonly prefix: string
  readonly endpoint: string | undefined
  readonly region: string | undefined
  readonly accessKeyId: string | undefined
  readonly secretAccessKey: string | undefined
}

export interface PostgresConfig {
  readonly kind: 'postgres'
  readonly url: string
}

/** What webhooks can be told. */
export const webhookEvents = [
  'push',
  'delete',
  'evict',
  'upstream-down',
  'upstream-up',
  'disk-high',
  'disk-ok',
  'verification-failed',
] as const

export type WebhookEvent = (typeof webhookEvents)[number]

export type LogLevel = (typeof logLevels)[number]

/** pino's levels. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
