import type { AnyHosted } from '../hosted/any-hosted.ts'
import type { Digest } from '../oci/digest.ts'
import { readMediaType } from '../oci/media-type.ts'
import { isTag, type Reference, type Tag } from '../oci/reference.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import { formatSource, type Source } from '../oci/source.ts'
import { formatWarning, hostedHeaders } from './content-headers.ts'
import type { RequestContext, RequestUrl } from './environment.ts'
import { dockerContentDigest, ociSubject, ociTag } from './header-names.ts'
import { send } from './send.ts'
import { readManifest } from './whole-body.ts'

/** More at once than anybody has names for. */
const mostTags = 100

/** distribution-spec §Pushing Manifests; further tags by `?tag=`. */
export async function pushManifest(
  c: RequestContext,
  hosted: AnyHosted,
  { repository, reference, url }: { repository: Repository; reference: Reference; url: RequestUrl },
): Promise<Response> {
  const tags = readTags(url)
  const mediaType = readMediaType(c.env.incoming.headers['content-type'])
  const bytes = await readManifest(c.env.incoming)
  const { digest, subject, shadows } = await hosted.pushManifest(repository, {
    bytes,
    mediaType,
    reference,
    tags,
  })
  c.get('facts').outcome = describePush(digest, reference, tags)
  const headers = {
    ...hostedHeaders(),
    Location: `${c.get('outside').prefix}/v2/${repository}/manifests/${digest}`,
    [dockerContentDigest]: digest,
    // By it a client knows that it need not keep the list of referrers itself.
    ...(subject && { [ociSubject]: subject }),
    ...(shadows && { Warning: formatWarning(shadowing(repository, shadows)) }),
    ...(tags.length > 0 && { [ociTag]: tags.join(', ') }),
  }
  return send(c, { status: 201, headers, body: '' })
}

/** A tag says less than what it means from now on; undefined where there is nothing to add. */
function describePush(digest: Digest, reference: Reference, tags: readonly Tag[]) {
  const all = [
    ...(reference === digest ? [] : [digest]),
    ...(tags.length > 0 ? [`tags ${tags.join(', ')}`] : []),
  ]
  return all.length > 0 ? all.join(', ') : undefined
}

/** distribution-spec §Content Management. */
export async function removeManifest(
  c: RequestContext,
  hosted: AnyHosted,
  { repository, reference }: { repository: Repository; reference: Reference },
): Promise<Response> {
  await hosted.removeManifest(repository, reference)
  return send(c, { status: 202, headers: hostedHeaders(), body: '' })
}

export async function removeBlob(
  c: RequestContext,
  hosted: AnyHosted,
  { repository, digest }: { repository: Repository; digest: Digest },
): Promise<Response> {
  await hosted.removeBlob(repository, digest)
  return send(c, { status: 202, headers: hostedHeaders(), body: '' })
}

function shadowing(repository: Repository, shadowed: Source): string {
  const whole = formatSource(shadowed)
  return `who pulls ${repository} gets what is hosted here from now on, and ${whole} only by that whole name`
}

function readTags({ query }: RequestUrl): readonly Tag[] {
  const texts = query.getAll('tag')
  const wrong = texts.find((text) => !isTag(text))
  if (wrong !== undefined)
    throw new RegistryError('MANIFEST_INVALID', `tag=${quote(wrong)} is not a tag`)
  if (texts.length <= mostTags) return [...new Set(texts.filter(isTag))]
  const what = `${texts.length} tags at once are too many: at most ${mostTags} are taken`
  throw new RegistryError('MANIFEST_INVALID', what)
}
