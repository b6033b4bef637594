import type { Digest } from '../oci/digest.ts'
import type { Source } from '../oci/source.ts'
import {
  dockerApiVersion,
  dockerContentDigest,
  entrepotCache,
  ociNamespace,
} from './header-names.ts'

type Content = {
  readonly source: Source
  readonly digest: Digest
  readonly cache: string
  readonly warning?: string | undefined
}

/** What a digest names never changes. */
export const immutable = 'max-age=31536000, immutable'

export function etagOf(digest: Digest): string {
  return `"${digest}"`
}

/** Headers of every answer that holds content, the same for GET, HEAD and 304. */
export function contentHeaders({
  source,
  digest,
  cache,
  warning,
}: Content): Record<string, string> {
  return {
    [dockerContentDigest]: digest,
    ETag: etagOf(digest),
    ...answerHeaders({ source, cache, warning }),
  }
}

/** Headers of every answer about what is hosted here. */
export function hostedHeaders(): Record<string, string> {
  return { [dockerApiVersion]: 'registry/2.0', [entrepotCache]: 'hosted' }
}

/** Headers of every answer about a repository. */
export function answerHeaders({
  source,
  cache,
  warning,
}: Omit<Content, 'digest'>): Record<string, string> {
  return {
    [dockerApiVersion]: 'registry/2.0',
    [entrepotCache]: cache,
    // What is hosted is of no upstream.
    ...(cache === 'hosted' ? {} : { [ociNamespace]: source.upstream }),
    ...(warning === undefined ? {} : { Warning: formatWarning(warning) }),
  }
}

/** distribution-spec §Warnings: code 299, agent "-", no date; quotes and what isn't ASCII would break it. */
export function formatWarning(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, "'")
  return `299 - "${plain.slice(0, 500)}"`
}
