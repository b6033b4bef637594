import { resolve } from 'node:path'
import { dockerHub } from '../oci/upstream-name.ts'
import type { UpstreamConfig } from './config.ts'
import { everyHost, type UpstreamSettings } from './upstream-schema.ts'

/** What stands around the settings: the file's folder, and the texts of the files they name. */
export interface Surroundings {
  readonly folder: string
  /** By absolute path. */
  readonly texts: ReadonlyMap<string, string>
}

export function toUpstream(
  name: string,
  settings: UpstreamSettings,
  surroundings: Surroundings,
): UpstreamConfig {
  const { url, tagTtl, missTtl, bandwidth, connectTimeout, idleTimeout, maxSize, ...same } =
    settings
  const passwordFile = resolvePath(settings.passwordFile, surroundings)
  const ca = resolvePath(settings.ca, surroundings)
  return {
    ...same,
    name,
    urls: url.length > 0 ? url : defaultUrls(name),
    password: readText(passwordFile, surroundings) ?? settings.password,
    passwordFile,
    tagTtlMs: tagTtl,
    missTtlMs: missTtl,
    bandwidthBytesPerSecond: bandwidth,
    connectTimeoutMs: connectTimeout,
    idleTimeoutMs: idleTimeout,
    ca,
    caPem: readText(ca, surroundings),
    maxSizeBytes: maxSize,
  }
}

function defaultUrls(name: string): readonly string[] {
  if (name === everyHost) return []
  return [name === dockerHub ? 'https://registry-1.docker.io' : `https://${name}`]
}

function resolvePath(path: string | undefined, { folder }: Surroundings): string | undefined {
  return path === undefined ? undefined : resolve(folder, path)
}

function readText(path: string | undefined, { texts }: Surroundings): string | undefined {
  return path === undefined ? undefined : texts.get(path)
}
