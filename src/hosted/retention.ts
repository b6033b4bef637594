import type { RetentionRule } from '../config/config.ts'
import type { Tag } from '../oci/reference.ts'
import type { TagPattern } from '../oci/tag-pattern.ts'
import type { DatedVersion, Version } from '../store/hosted-records.ts'
import { unneededForMs } from '../store/unowned-records.ts'

/** What a rule says of a repository that it is about. */
export type Keeping = Pick<RetentionRule, 'keepLast' | 'maxAgeMs'> & {
  readonly tags: TagPattern | undefined
}

/** What a rule takes away, and when it was pushed. */
export type Expired = Version & { readonly pushedAt: number }

/** By cosign's older scheme a tag of this form belongs to the image of that digest. */
const attachedTag = /^sha256-[0-9a-f]{64}(?:\.[a-z]+)?$/

/**
 * What a rule takes away of a repository. An image is as new as the newest of its tags that the rule is
 * about; the newest `keepLast` stay, and what is younger than `maxAgeMs`. Without a pattern for tags the
 * rule is about images without a tag too, which count for nothing among the newest: most have lost
 * theirs, others are parts of a push under way, and so they stay for a day. A tag that must not move
 * isn't taken away.
 */
export function findExpired(
  versions: readonly DatedVersion[],
  { tags: pattern, keepLast = 0, maxAgeMs = 0 }: Keeping,
  { now, isFixed }: { now: number; isFixed: (tag: Tag) => boolean },
): readonly Expired[] {
  const tagged = versions
    .flatMap((version) => toCandidate(version, pattern))
    .sort((one, other) => other.pushedAt - one.pushedAt)
    .slice(keepLast)
    .filter(({ pushedAt }) => pushedAt <= now - maxAgeMs)
    .flatMap((expired) => withoutFixed(expired, isFixed))
  return pattern ? tagged : [...tagged, ...findUntagged(versions, now - maxAgeMs, now)]
}

function findUntagged(versions: readonly DatedVersion[], before: number, now: number) {
  const latest = Math.min(before, now - unneededForMs)
  return versions
    .filter(({ tags, pushedAt }) => tags.length === 0 && pushedAt <= latest)
    .map(({ digest, pushedAt }) => ({ digest, pushedAt, tags: [] }))
}

function toCandidate({ digest, tags }: DatedVersion, pattern: TagPattern | undefined) {
  const isMeant = (tag: Tag) => (pattern ? pattern.test(tag) : !attachedTag.test(tag))
  const about = tags.filter(({ tag }) => isMeant(tag))
  if (about.length === 0) return []
  const newest = Math.max(...about.map((tag) => tag.pushedAt))
  return [{ digest, pushedAt: newest, tags: about.map(({ tag }) => tag) }]
}

function withoutFixed(expired: Expired, isFixed: (tag: Tag) => boolean): readonly Expired[] {
  const tags = expired.tags.filter((tag) => !isFixed(tag))
  return tags.length > 0 ? [{ ...expired, tags }] : []
}
