import type { Digest } from '../oci/digest.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { type BlobAnswer, type BlobPart, rangeHeader, readBlobAnswer } from './blob-answer.ts'
import type { Opening } from './blob-transfer.ts'
import { type RegistryEndpoint, StorageRefusedError } from './registry-endpoint.ts'
import { discardBody } from './response-body.ts'
import { readContentLength } from './transport.ts'
import { UpstreamError } from './upstream-error.ts'

/** A blob, as upstream is asked for it. */
export type WantedBlob = { readonly repository: Repository; readonly digest: Digest }

const answerDeadlineMs = 60_000

/**
 * The blob's size in bytes, undefined where upstream has it but doesn't say: its storage host may
 * refuse HEAD, but the registry's redirect there was a yes. Throws UpstreamError.
 */
export async function headBlob(
  endpoint: RegistryEndpoint,
  wanted: WantedBlob,
): Promise<number | undefined> {
  const response = await endpoint
    .request({
      method: 'HEAD',
      path: pathOf(wanted),
      repository: wanted.repository,
      signal: AbortSignal.timeout(answerDeadlineMs),
    })
    .catch(undefinedIfStorageRefuses)
  if (!response) return undefined
  await discardBody(response.body)
  return readContentLength(response)
}

type BlobRequest = {
  readonly wanted: WantedBlob
  readonly part: BlobPart
  readonly opening: Pick<Opening, 'sizeBytes' | 'signal'>
  /** For so long it may send hardly anything. */
  readonly stuckAfterMs: number
}

/** Asks for the bytes, on one connection. Throws UpstreamError. */
export async function requestBlob(
  upstream: UpstreamName,
  endpoint: RegistryEndpoint,
  { wanted, part, opening: { sizeBytes, signal }, stuckAfterMs }: BlobRequest,
): Promise<BlobAnswer> {
  const response = await endpoint.request({
    method: 'GET',
    path: pathOf(wanted),
    repository: wanted.repository,
    headers: rangeHeader(part),
    purpose: 'blob',
    signal,
  })
  const answer = await readBlobAnswer(upstream, part, { response, stuckAfterMs })
  if ((answer.sizeBytes ?? sizeBytes) === (sizeBytes ?? answer.sizeBytes)) return answer
  answer.destroy()
  const what = `changed a blob under way from ${sizeBytes} to ${answer.sizeBytes} bytes`
  throw new UpstreamError(upstream, 'invalid', what)
}

function pathOf({ repository, digest }: WantedBlob): string {
  return `/v2/${repository}/blobs/${digest}`
}

function undefinedIfStorageRefuses(error: unknown): undefined {
  if (!(error instanceof StorageRefusedError)) throw error
}
