import { isDeepStrictEqual } from 'node:util'
import { defaultConfig } from './check-config.ts'
import type { Config, UpstreamConfig } from './config.ts'
import { formatPath } from './config-error.ts'

/** A key that is understood and checked, but whose behaviour isn't built yet. */
export interface LaterKey {
  /** As one would find it in the file: `upstreams["ghcr.io"].maxSize`. */
  readonly path: string
  /** What the key will do. */
  readonly purpose: string
}

/** A row of the table; a path under `upstreams.*` is asked of every upstream. */
interface LaterRow extends LaterKey {
  readonly ofConfig?: (config: Config) => unknown
  readonly ofUpstream?: (upstream: UpstreamConfig) => unknown
}

/** Whoever builds what a key does takes its row away. */
export const laterKeys: readonly LaterRow[] = [
  ofUpstream('private', 'want a rule to pull', (upstream) => upstream.private),
  ofConfig('access.anonymous', 'refuse pulls', (config) => config.access.anonymous === 'none'),
  ofConfig('access.rules', 'say who may do what', (config) => config.access.rules),
  ofConfig('trustedProxies', 'believe X-Forwarded-*', (config) => config.trustedProxies),
  ofConfig('clients', 'name clients in reports', (config) => config.clients),
  ofConfig('pricePerGB', 'report money saved', (config) => config.pricePerGB),
  ofConfig('webhooks', 'tell others what happens', (config) => config.webhooks),
  ofConfig('warm', 'fetch images ahead of time', (config) => config.warm),
  ofConfig('store.blobs', 'keep blobs in S3', (config) => config.store.blobs),
  ofConfig('store.metadata', 'keep metadata in PostgreSQL', (config) => config.store.metadata),
]

/** The keys that are set away from their default and have no effect yet. */
export function listLater(config: Config): LaterKey[] {
  const defaults = defaultConfig('/')
  return laterKeys.flatMap((row) => {
    return [...findInConfig(row, config, defaults), ...findInUpstreams(row, config, defaults)]
  })
}

function ofConfig(path: string, purpose: string, read: (config: Config) => unknown): LaterRow {
  return { path, purpose, ofConfig: read }
}

function ofUpstream(
  key: string,
  purpose: string,
  read: (upstream: UpstreamConfig) => unknown,
): LaterRow {
  return { path: `upstreams.*.${key}`, purpose, ofUpstream: read }
}

function findInConfig(row: LaterRow, config: Config, defaults: Config): LaterKey[] {
  const { path, purpose, ofConfig: read } = row
  if (!read || isDeepStrictEqual(read(config), read(defaults))) return []
  return [{ path, purpose }]
}

function findInUpstreams(row: LaterRow, config: Config, defaults: Config): LaterKey[] {
  const { path, purpose, ofUpstream: read } = row
  const [usual] = defaults.upstreams.values()
  if (!read || !usual) return []
  const key = path.split('.').at(-1) ?? ''
  const changed = [...config.upstreams.values()].filter((upstream) => {
    return !isDeepStrictEqual(read(upstream), read(usual))
  })
  return changed.map(({ name }) => ({ path: formatPath(['upstreams', name, key]), purpose }))
}
