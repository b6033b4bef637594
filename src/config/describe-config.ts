import { stringify } from 'yaml'
import type { Config, StoreConfig, TlsConfig, UpstreamConfig, WebhookConfig } from './config.ts'
import { escapeInterpolation } from './environment.ts'
import { formatAddress } from './network-values.ts'
import { formatDuration, formatRate, formatShare, formatSize } from './units.ts'
import { everyHost } from './upstream-schema.ts'

const hidden = '***'
const none = 'none'

const header = `# The configuration with every default filled in.
# Secrets are shown as ${hidden}: put them back, as \${VARIABLE} or with passwordFile, before use.
`

/** Writes a configuration as YAML that loads to the same again, but for its secrets. */
export function describeConfig(config: Config): string {
  const options = { lineWidth: 0, aliasDuplicateObjects: false }
  return header + stringify(escapeTexts(describeValues(config)), options)
}

/** The same as values: what can be read again but for its secrets, which are hidden or empty. */
export function describeValues(config: Config): object {
  return {
    listen: formatAddress(config.listen),
    dockerListen: orNone(config.dockerListen, formatAddress),
    data: config.data,
    backups: config.backups ?? none,
    defaultUpstream: config.defaultUpstream,
    upstreams: mapValues(config.upstreams, describeUpstream),
    offline: config.offline,
    ...describeKeeping(config),
    access: { ...config.access, groups: Object.fromEntries(config.access.groups) },
    threads: config.threads,
    tls: orNone(config.tls, describeTls),
    trustedProxies: config.trustedProxies,
    clients: Object.fromEntries(config.clients),
    clientAddresses: config.clientAddresses,
    pricePerGB: orNone(config.pricePerGB, ({ amount, currency }) => `${amount} ${currency}`),
    webhooks: config.webhooks.map(describeWebhook),
    warm: config.warm.map((item) => ({ ...item, schedule: item.schedule ?? none })),
    store: describeStore(config.store),
    log: config.log,
  }
}

function describeUpstream(upstream: UpstreamConfig) {
  const { name, urls, username, password, passwordFile } = upstream
  const place = {
    url: urls.length === 1 ? urls[0] : urls,
    username: username ?? '',
    password: passwordFile === undefined ? hide(password) : '',
    passwordFile: passwordFile ?? none,
  }
  return {
    ...(name === everyHost ? {} : place),
    tagTtl: formatDuration(upstream.tagTtlMs),
    missTtl: formatDuration(upstream.missTtlMs),
    onGone: upstream.onGone,
    allow: upstream.allow,
    deny: upstream.deny,
    maxConnections: upstream.maxConnections,
    bandwidth: orNone(upstream.bandwidthBytesPerSecond, formatRate),
    connectTimeout: formatDuration(upstream.connectTimeoutMs),
    idleTimeout: formatDuration(upstream.idleTimeoutMs),
    ca: upstream.ca ?? none,
    allowHosts: upstream.allowHosts,
    private: upstream.private,
    maxSize: orNone(upstream.maxSizeBytes, formatSize),
    prefetch: upstream.prefetch,
  }
}

function describeKeeping({ space, hosted }: Config) {
  return {
    space: {
      high: formatShare(space.high),
      low: formatShare(space.low),
      maxSize: orNone(space.maxSizeBytes, formatSize),
      minFree: formatSize(space.minFreeBytes),
      minAge: formatDuration(space.minAgeMs),
      pins: space.pins,
    },
    hosted: {
      ...hosted,
      retention: hosted.retention.map(({ repositories, tags, keepLast, maxAgeMs }) => ({
        repositories,
        tags: tags ?? none,
        keepLast: keepLast ?? none,
        maxAge: orNone(maxAgeMs, formatDuration),
      })),
    },
  }
}

function describeTls({ cert, key, clientCa, clientCertificates }: TlsConfig) {
  return { cert, key, ...(clientCa === undefined ? {} : { clientCa, clientCertificates }) }
}

function describeStore({ blobs, metadata }: StoreConfig) {
  return {
    blobs: blobs.kind === 'file' ? 'file' : describeS3(blobs),
    metadata: metadata.kind === 'sqlite' ? 'sqlite' : hideUrlPassword(metadata.url),
  }
}

function describeS3(blobs: Extract<StoreConfig['blobs'], { kind: 's3' }>) {
  return {
    url: `s3://${blobs.bucket}${blobs.prefix === '' ? '' : `/${blobs.prefix}`}`,
    endpoint: orNone(blobs.endpoint, hideUrlPassword),
    region: blobs.region ?? none,
    accessKeyId: blobs.accessKeyId ?? '',
    secretAccessKey: hide(blobs.secretAccessKey),
  }
}

function describeWebhook({ url, secret, events }: WebhookConfig) {
  return { url: hideUrlPassword(url), secret: hide(secret), events: [...events] }
}

function hide(secret: string | undefined): string {
  return secret === undefined ? '' : hidden
}

/** PostgreSQL's drivers also take the password as a parameter of the URL. */
function hideUrlPassword(text: string): string {
  const url = new URL(text)
  const parameters = ['password', 'sslpassword'].filter((name) => url.searchParams.has(name))
  if (url.password === '' && parameters.length === 0) return text
  if (url.password !== '') url.password = hidden
  for (const name of parameters) url.searchParams.set(name, hidden)
  return url.href
}

function orNone<T, U>(value: T | undefined, format: (value: T) => U): U | typeof none {
  return value === undefined ? none : format(value)
}

function mapValues<T>(map: ReadonlyMap<string, T>, describe: (value: T) => unknown) {
  return Object.fromEntries([...map].map(([name, value]) => [name, describe(value)]))
}

function escapeTexts(value: unknown): unknown {
  if (typeof value === 'string') return escapeInterpolation(value)
  if (Array.isArray(value)) return value.map(escapeTexts)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escapeTexts(item)]))
}
