import picomatch from 'picomatch'
import type { Tag } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'

type Matcher = (repository: Repository, tag: Tag) => boolean

/**
 * Whether one of `hosted.immutableTags` names a tag: `v*` in every repository, `team/**:v*` in some.
 */
export function fixedTags(globs: readonly string[]): Matcher {
  const matchers = globs.map(toMatcher)
  return (repository, tag) => matchers.some((matches) => matches(repository, tag))
}

function toMatcher(glob: string): Matcher {
  const colon = glob.lastIndexOf(':')
  const ofTag = picomatch(glob.slice(colon + 1), { dot: true })
  const ofRepository = colon < 0 ? () => true : picomatch(glob.slice(0, colon), { dot: true })
  return (repository, tag) => ofTag(tag) && ofRepository(repository)
}
