import type { Repository } from './repository.ts'
import type { UpstreamName } from './upstream-name.ts'

/** A repository at an upstream: where a request's content comes from. */
export type Source = {
  readonly upstream: UpstreamName
  readonly repository: Repository
}

/** `docker.io/library/alpine`: for messages, logs and memory keys. */
export function formatSource(source: Source): string {
  return `${source.upstream}/${source.repository}`
}
