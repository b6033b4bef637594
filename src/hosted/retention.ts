import type { RetentionRule } from '../config/config.ts'
import type { Tag } from '../oci/reference.ts'
import type { DatedVersion, Version } from '../store/hosted-records.ts'

/** What a rule says of a repository that it is about. */
export type Keeping = Pick<RetentionRule, 'tags' | 'keepLast' | 'maxAgeMs'>

/** What a rule takes away, and when it was pushed. */
export type Expired = Version & { readonly pushedAt: number }

/**
 * What a rule takes away of a repository. An image is as new as the newest of its tags that the rule is
 * about; the newest `keepLast` stay, and what is younger than `maxAgeMs`. Without a pattern for tags the
 * rule is about images that have lost theirs, too. A tag that must not move isn't taken away.
 */
export function findExpired(
  versions: readonly DatedVersion[],
  { tags, keepLast = 0, maxAgeMs = 0 }: Keeping,
  { now, isFixed }: { now: number; isFixed: (tag: Tag) => boolean },
): readonly Expired[] {
  const pattern = tags === undefined ? undefined : new RegExp(tags, 'u')
  return versions
    .flatMap((version) => toCandidate(version, pattern))
    .sort((one, other) => other.pushedAt - one.pushedAt)
    .slice(keepLast)
    .filter(({ pushedAt }) => pushedAt <= now - maxAgeMs)
    .flatMap((expired) => withoutFixed(expired, isFixed))
}

function toCandidate({ digest, pushedAt, tags }: DatedVersion, pattern: RegExp | undefined) {
  if (tags.length === 0) return pattern ? [] : [{ digest, pushedAt, tags: [] }]
  const about = tags.filter(({ tag }) => pattern?.test(tag) ?? true)
  if (about.length === 0) return []
  const newest = Math.max(...about.map((tag) => tag.pushedAt))
  return [{ digest, pushedAt: newest, tags: about.map(({ tag }) => tag) }]
}

function withoutFixed(expired: Expired, isFixed: (tag: Tag) => boolean): readonly Expired[] {
  const tags = expired.tags.filter((tag) => !isFixed(tag))
  return tags.length > 0 || expired.tags.length === 0 ? [{ ...expired, tags }] : []
}
