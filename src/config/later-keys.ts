import { isDeepStrictEqual } from 'node:util'
import { defaultConfig } from './check-config.ts'
import type { Config } from './config.ts'

/** A key that is understood and checked, but whose behaviour isn't built yet. */
export interface LaterKey {
  /** As one would find it in the file: `access.rules`. */
  readonly path: string
  /** What the key will do. */
  readonly purpose: string
}

interface LaterRow extends LaterKey {
  readonly read: (config: Config) => unknown
}

/** Whoever builds what a key does takes its row away. */
export const laterKeys: readonly LaterRow[] = [
  ofConfig('warm', 'fetch images ahead of time', (config) => config.warm),
  ofConfig('store.blobs', 'keep blobs in S3', (config) => config.store.blobs),
  ofConfig('store.metadata', 'keep metadata in PostgreSQL', (config) => config.store.metadata),
]

/** The keys that are set away from their default and have no effect yet. */
export function listLater(config: Config): LaterKey[] {
  const defaults = defaultConfig('/')
  const changed = laterKeys.filter(({ read }) => !isDeepStrictEqual(read(config), read(defaults)))
  return changed.map(({ path, purpose }) => ({ path, purpose }))
}

function ofConfig(path: string, purpose: string, read: LaterRow['read']): LaterRow {
  return { path, purpose, read }
}
