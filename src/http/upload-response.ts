import type { IncomingMessage } from 'node:http'
import type { AnyHosted } from '../hosted/any-hosted.ts'
import type { UploadState, UploadWriter } from '../hosted/uploads.ts'
import { type Digest, isDigest, parseDigest } from '../oci/digest.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import { isRepository, type Repository } from '../oci/repository.ts'
import { clientKey } from './client-key.ts'
import { hostedHeaders } from './content-headers.ts'
import type { RequestContext, RequestUrl } from './environment.ts'
import { dockerContentDigest, dockerUploadUuid } from './header-names.ts'
import { appendBody } from './request-body.ts'
import { send } from './send.ts'

type Request = {
  readonly repository: Repository
  /** Whether who asks may pull from there. */
  readonly mayPull: (from: Repository) => boolean
  /** Empty where an upload is to begin. */
  readonly id: string
  readonly url: RequestUrl
}

/** distribution-spec §Pushing Blobs: in one request, in two, in chunks, or by mount. */
export async function handleUpload(
  c: RequestContext,
  hosted: AnyHosted,
  request: Request,
): Promise<Response> {
  const { repository, id } = request
  if (id === '') return begin(c, hosted, request)
  switch (c.req.method) {
    case 'GET':
    case 'HEAD':
      return answerState(c, 204, repository, await hosted.describeUpload(repository, id))
    case 'PATCH':
      return write(c, hosted, request)
    case 'PUT':
      return finish(c, hosted, request)
    default:
      return cancel(c, hosted, request)
  }
}

async function begin(c: RequestContext, hosted: AnyHosted, request: Request): Promise<Response> {
  const { repository, url } = request
  const mounted = await tryMount(hosted, request)
  if (mounted !== undefined) return answerBlob(c, repository, mounted)
  const digest = url.query.get('digest')
  const wanted = digest === null ? undefined : parseDigest(digest)
  const writer = await hosted.beginUpload(repository, clientKey(c.get('outside').client))
  await holding(writer, async () => {
    if (wanted) await receiveWhole(c, writer, wanted)
  })
  return wanted ? answerBlob(c, repository, wanted) : answerState(c, 202, repository, writer)
}

/** Nobody could go on with it where it fails, since its id was never told. */
async function receiveWhole(c: RequestContext, writer: UploadWriter, digest: Digest) {
  try {
    await appendBody(c.env.incoming, writer)
    await writer.finish(digest)
  } catch (error) {
    await writer.cancel()
    throw error
  }
}

/** Nothing that can't be mounted is an error: the client is told to upload it (§Mounting a blob). */
async function tryMount(
  hosted: AnyHosted,
  { repository, url, mayPull }: Request,
): Promise<Digest | undefined> {
  const [mount, from] = [url.query.get('mount'), url.query.get('from')]
  if (mount === null || !isDigest(mount)) return undefined
  const isFrom = from !== null && isRepository(from) && mayPull(from)
  const isMounted = await hosted.mountBlob(repository, mount, isFrom ? from : undefined)
  return isMounted ? mount : undefined
}

async function write(
  c: RequestContext,
  hosted: AnyHosted,
  { repository, id }: Request,
): Promise<Response> {
  const start = readStart(c.env.incoming)
  const writer = await hosted.resumeUpload(repository, id, start)
  await holding(writer, () => appendBody(c.env.incoming, writer))
  return answerState(c, 202, repository, writer)
}

async function finish(
  c: RequestContext,
  hosted: AnyHosted,
  { repository, id, url }: Request,
): Promise<Response> {
  const wanted = url.query.get('digest')
  if (wanted === null) throw new RegistryError('DIGEST_INVALID', 'the upload ends with ?digest=')
  const digest = parseDigest(wanted)
  const start = readStart(c.env.incoming)
  const writer = await hosted.resumeUpload(repository, id, start)
  await holding(writer, async () => {
    await appendBody(c.env.incoming, writer)
    await writer.finish(digest)
  })
  return answerBlob(c, repository, digest)
}

async function cancel(
  c: RequestContext,
  hosted: AnyHosted,
  { repository, id }: Request,
): Promise<Response> {
  const writer = await hosted.resumeUpload(repository, id)
  await holding(writer, () => writer.cancel())
  return send(c, { status: 204, headers: hostedHeaders() })
}

/** Nothing is answered before the next request may have the upload. */
async function holding(writer: UploadWriter, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } finally {
    await writer.close()
  }
}

/** `Content-Range: 0-1023`, as the spec has it, and also with `bytes ` in front: where what is sent begins. */
function readStart({ headers }: IncomingMessage): number | undefined {
  const header = headers['content-range']
  if (header === undefined) return undefined
  const [, first, last] = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/.*)?$/.exec(header.trim()) ?? []
  const sizeBytes = Number(last) - Number(first) + 1
  if (first === undefined || sizeBytes < 1) throw notUnderstood(header)
  const sent = headers['content-length']
  if (sent !== undefined && Number(sent) !== sizeBytes) {
    const what = `Content-Range ${quote(header)} is of ${sizeBytes} bytes, and Content-Length says ${sent}`
    throw new RegistryError('SIZE_INVALID', what)
  }
  return Number(first)
}

function notUnderstood(range: string): RegistryError {
  const what = `Content-Range ${quote(range)} isn't understood: wanted its first and last byte, such as 0-1023`
  return new RegistryError('BLOB_UPLOAD_INVALID', what, { status: 416 })
}

function answerState(
  c: RequestContext,
  status: 202 | 204,
  repository: Repository,
  { id, sizeBytes }: UploadState,
): Response {
  const headers = {
    ...hostedHeaders(),
    Location: locate(c, repository, `uploads/${id}`),
    // Of nothing at all, too, it begins so: clients read what stands behind the dash.
    Range: `0-${Math.max(0, sizeBytes - 1)}`,
    [dockerUploadUuid]: id,
  }
  return send(c, { status, headers, ...(status === 202 && { body: '' }) })
}

function answerBlob(c: RequestContext, repository: Repository, digest: Digest): Response {
  const headers = {
    ...hostedHeaders(),
    Location: locate(c, repository, digest),
    [dockerContentDigest]: digest,
  }
  return send(c, { status: 201, headers, body: '' })
}

/**
 * Without scheme and host: what the client asked by stays right so, whatever stands between (RFC 9110
 * §10.2.2); docker, containerd, podman, skopeo, crane and oras all go on from there.
 */
function locate(c: RequestContext, repository: Repository, blob: string): string {
  return `${c.get('outside').prefix}/v2/${repository}/blobs/${blob}`
}
