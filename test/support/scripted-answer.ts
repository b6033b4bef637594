import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { digestOf, type ScriptedRepository } from './scripted-content.ts'

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string
  /** The target as it was sent, with its query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

/** What a scripted upstream answers; the body isn't sent to a HEAD. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Places in the body at which sending waits. */
  readonly pauses?: readonly { readonly afterBytes: number; readonly until: Promise<void> }[]
  /** How much of the body is sent before the connection breaks. */
  readonly cutAfterBytes?: number
  /** Whether the connection breaks before anything is sent. */
  readonly isHungUp?: boolean
}

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
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
  const common = { 'docker-content-digest': digest, 'accept-ranges': 'bytes' }
  if (start === undefined) {
    const headers = { ...common, ...lengthAndType(bytes, 'application/octet-stream') }
    return { status: 200, headers, body: bytes }
  }
  const body = bytes.subarray(Number(start), Number(end) + 1)
  const range = { 'content-range': `bytes ${start}-${end}/${bytes.length}` }
  const headers = { ...common, ...range, ...lengthAndType(body, 'application/octet-stream') }
  return { status: 206, headers, body }
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

/** Writes an answer with its pauses and its cut. */
export const sendAnswer = async (
  method: string,
  { status, headers, body, pauses = [], cutAfterBytes, isHungUp }: Answer,
  response: ServerResponse,
): Promise<void> => {
  if (isHungUp) return void response.destroy()
  response.writeHead(status, headers)
  if (method === 'HEAD') return void response.end()
  response.flushHeaders()
  const end = cutAfterBytes ?? body.length
  let position = 0
  for (const { afterBytes, until } of pauses.filter((pause) => pause.afterBytes <= end)) {
    await write(response, body.subarray(position, afterBytes))
    position = afterBytes
    await until
  }
  await write(response, body.subarray(position, end))
  if (cutAfterBytes === undefined) response.end()
  else response.destroy()
}

/** Resolves when the bytes have left, or nobody is there to take them. */
const write = (response: ServerResponse, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    if (bytes.length === 0 || response.destroyed) return resolve()
    response.once('close', resolve)
    response.write(bytes, () => {
      response.off('close', resolve)
      resolve()
    })
  })
