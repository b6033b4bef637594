import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import type { Source } from '../oci/source.ts'

type Settings = {
  readonly mirror: Pick<AnyMirror, 'resolve' | 'pullManifest'>
  readonly isMirrored: (source: Source) => Promise<boolean>
}

/** A push waits no longer than this for an upstream. */
const askMs = 2_000
/** That most repositories have, whatever is pushed here. */
const usualTag = 'latest' as Tag

/**
 * What a push puts itself in front of: who names no upstream got it from the default one until now. It
 * is asked only about a name that wasn't hosted yet.
 */
export async function findShadowed(
  {
    repository,
    reference,
    isNew,
  }: { repository: Repository; reference: Reference; isNew: boolean },
  { mirror, isMirrored }: Settings,
): Promise<Source | undefined> {
  const source = sourceOf(mirror, repository)
  if (!source) return undefined
  if (await isMirrored(source)) return source
  if (!isNew) return undefined
  const { promise: tooLate, resolve: giveUp } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => giveUp(undefined), askMs)
  const asked = [reference, usualTag].map((each) => mirror.pullManifest(source, each, 'HEAD'))
  const found = Promise.any(asked).then(
    () => source,
    () => undefined,
  )
  return Promise.race([found, tooLate]).finally(() => clearTimeout(timer))
}

/** Undefined where the default upstream can't have the name. */
function sourceOf(mirror: Settings['mirror'], name: Repository): Source | undefined {
  try {
    return mirror.resolve({ name })
  } catch (error) {
    if (error instanceof RegistryError) return undefined
    throw error
  }
}
