import { digestOf, type ScriptedRepository } from './scripted-content.ts'
import type { Answer, ReceivedRequest } from './scripted-exchange.ts'
import { answerObject } from './scripted-range.ts'

const indexType = 'application/vnd.oci.image.index.v1+json'

/** The answer of a registry that works, given what it holds (distribution-spec §Endpoints). */
export const answerUsually = (
  repositories: ReadonlyMap<string, ScriptedRepository>,
  request: ReceivedRequest,
): Answer => {
  const { pathname, searchParams } = new URL(request.url, 'http://upstream')
  if (pathname === '/v2/') return answerJson({})
  const [, name = '', kind, last = ''] =
    /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/([^/]+)$/.exec(pathname) ?? []
  const repository = repositories.get(name)
  if (!repository) return notFound('NAME_UNKNOWN')
  if (kind === 'manifests') return answerManifest(repository, last)
  if (kind === 'blobs') return answerBlob(repository, last, request)
  if (kind === 'tags') return answerTags(repository, pathname, searchParams)
  return answerReferrers(repository, last)
}

export const answerJson = (value: unknown, status = 200): Answer => {
  const body = Buffer.from(JSON.stringify(value))
  return { status, headers: lengthAndType(body, 'application/json'), body }
}

const notFound = (code: string): Answer => answerJson({ errors: [{ code, message: code }] }, 404)

const answerManifest = (repository: ScriptedRepository, reference: string): Answer => {
  const manifest = repository.findManifest(reference)
  if (!manifest) return notFound('MANIFEST_UNKNOWN')
  const { bytes, mediaType } = manifest
  const digest = reference.includes(':') ? reference : digestOf(bytes)
  const headers = { ...lengthAndType(bytes, mediaType), 'docker-content-digest': digest }
  return { status: 200, headers, body: bytes }
}

const answerBlob = (
  { blobs }: ScriptedRepository,
  digest: string,
  request: ReceivedRequest,
): Answer => {
  const bytes = blobs.get(digest)
  if (!bytes) return notFound('BLOB_UNKNOWN')
  const type = { 'content-type': 'application/octet-stream' }
  const headers = { ...type, 'docker-content-digest': digest, 'accept-ranges': 'bytes' }
  return answerObject(bytes, request, headers)
}

/** At most three tags a page, so that whoever wants them all must follow Link. */
const answerTags = (
  { tags }: ScriptedRepository,
  pathname: string,
  query: URLSearchParams,
): Answer => {
  const after = [...tags.keys()].sort().filter((tag) => tag > (query.get('last') ?? ''))
  const page = after.slice(0, 3)
  const answer = answerJson({ name: pathname, tags: page })
  if (page.length === after.length) return answer
  const link = `<${pathname}?last=${page.at(-1)}&n=3>; rel="next"`
  return { ...answer, headers: { ...answer.headers, link } }
}

const answerReferrers = (repository: ScriptedRepository, subject: string): Answer => {
  if (!repository.hasReferrersApi) return notFound('NOT_FOUND')
  const manifests = repository.referrers.get(subject) ?? []
  const answer = answerJson({ schemaVersion: 2, mediaType: indexType, manifests })
  return { ...answer, headers: { ...answer.headers, 'content-type': indexType } }
}

const lengthAndType = (body: Buffer, type: string) => ({
  'content-length': String(body.length),
  'content-type': type,
})
