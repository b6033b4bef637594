import type { Repository } from './repository.ts'
import type { UpstreamName } from './upstream-name.ts'

/** A repository at an upstream: where a request's content comes from. */
export type Source = {
  readonly upstream: UpstreamName
  readonly repository: Repository
  /** Where the request named no upstream: the name as it stands, which a hosted repository may have. */
  readonly own?: Repository
  /** Where there is an `own`: what of the two whoever asks may do. Without it, all. */
  readonly grants?: Grants
}

export type Grants = {
  readonly pullOwn: boolean
  readonly pushOwn: boolean
  readonly pullMirrored: boolean
}

/** In place of an upstream: it was pushed here. No host is called so. */
export const pushedHere = '' as UpstreamName

/**
 * In place of an upstream: the content was found without a record, and nobody knows where it came from.
 * It opens nothing to anybody until an upstream says that a repository of its has it, which is then
 * where it came from. No host is called so.
 */
export const unknownOrigin = '?' as UpstreamName

/** A repository to which content is pushed. */
export function ownSource(repository: Repository): Source {
  return { upstream: pushedHere, repository }
}

/** `docker.io/library/alpine`, or `team/app` of what was pushed here: for messages, logs and memory keys. */
export function formatSource({ upstream, repository }: Source): string {
  return upstream === pushedHere ? repository : `${upstream}/${repository}`
}
