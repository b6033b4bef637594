import { type Digest, digestAlgorithm, digestOf, isDigest } from '../oci/digest.ts'
import {
  type Manifest,
  ManifestFormatError,
  maxManifestBytes,
  parseManifest,
} from '../oci/manifest.ts'
import { isManifestType, readMediaType } from '../oci/media-type.ts'
import type { Reference } from '../oci/reference.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { describeFailure } from './describe-failure.ts'
import { BodyTooLargeError, discardBody, readBody } from './response-body.ts'
import { readContentLength, type TransportResponse } from './transport.ts'
import { UpstreamError, WrongContentError } from './upstream-error.ts'

export type ManifestHead = {
  readonly digest: Digest
  readonly mediaType: string
  readonly sizeBytes: number
}

export type FetchedManifest = {
  readonly digest: Digest
  readonly bytes: Buffer
  readonly manifest: Manifest
}

/** Undefined where a header that our own answer needs is missing, or contradicts the question. */
export function readManifestHead(
  reference: Reference,
  response: TransportResponse,
): ManifestHead | undefined {
  const claimed = response.header('docker-content-digest') ?? ''
  const digest = isDigest(claimed) ? claimed : isDigest(reference) ? reference : undefined
  const mediaType = readMediaType(response.header('content-type'))
  const sizeBytes = readContentLength(response)
  if (!digest || !mediaType || !isManifestType(mediaType) || sizeBytes === undefined)
    return undefined
  if (isDigest(reference) && digest !== reference) return undefined
  return { digest, mediaType, sizeBytes }
}

/** Reads and checks a manifest; throws UpstreamError `invalid` for whatever can't be right. */
export async function readManifestAnswer(
  upstream: UpstreamName,
  reference: Reference,
  response: TransportResponse,
): Promise<FetchedManifest> {
  const bytes = await readLimited(upstream, response)
  const digest = checkDigest(upstream, { reference, response, bytes })
  try {
    const manifest = parseManifest(bytes, readMediaType(response.header('content-type')))
    return { digest, bytes, manifest }
  } catch (error) {
    if (!(error instanceof ManifestFormatError)) throw error
    const what = `sent something that can't be served as a manifest: ${error.message}`
    throw new UpstreamError(upstream, 'invalid', what, { cause: error })
  }
}

async function readLimited(upstream: UpstreamName, response: TransportResponse): Promise<Buffer> {
  const tooLarge = (cause?: unknown) =>
    new UpstreamError(
      upstream,
      'invalid',
      `sent a manifest of more than ${maxManifestBytes} bytes, the most that is allowed`,
      { cause },
    )
  if ((readContentLength(response) ?? 0) > maxManifestBytes) {
    response.body.on('error', ignore).destroy()
    throw tooLarge()
  }
  try {
    return await readBody(response.body, maxManifestBytes)
  } catch (error) {
    if (error instanceof BodyTooLargeError) throw tooLarge(error)
    await discardBody(response.body)
    throw describeFailure(upstream, error)
  }
}

/** A body cut off by `destroy` may report so; nobody is interested any more. */
function ignore(): void {}

/** By digest, the digest that was asked for; by tag, the one upstream claims, if it claims one (ECR doesn't on GET). */
function checkDigest(
  upstream: UpstreamName,
  answer: { reference: Reference; response: TransportResponse; bytes: Buffer },
): Digest {
  const claimed = answer.response.header('docker-content-digest') ?? ''
  const expected = isDigest(answer.reference)
    ? answer.reference
    : isDigest(claimed)
      ? claimed
      : undefined
  const actual = digestOf(answer.bytes, expected && digestAlgorithm(expected))
  if (expected === undefined || actual === expected) return actual
  const what = `sent a manifest with the wrong digest: wanted ${expected}, found ${actual}`
  throw new WrongContentError(upstream, what)
}
