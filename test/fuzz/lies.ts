import fc from 'fast-check'
import { digestOf } from '../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../src/oci/media-type.ts'
import { type Lie, type LieKind, type Lies, lieKinds } from './lying-upstream.ts'
import { deepJson, mutated, mutatedJson } from './mutations.ts'
import {
  sampleImageDigest as digest,
  sampleBlobs,
  sampleImageBytes,
  sampleLayer,
  sampleManifests,
} from './sample-documents.ts'

const layer = digestOf(sampleLayer)
const descriptors = [{ mediaType: ociManifest, digest, size: sampleImageBytes.length }]

const bodies: Readonly<Record<LieKind, fc.Arbitrary<string>>> = {
  base: mutated(['{}']),
  token: fc.oneof(
    { weight: 3, arbitrary: fc.constant('{"token":"abc"}') },
    { weight: 1, arbitrary: mutatedJson([{ token: 'abc', expires_in: 300, access_token: 'b' }]) },
  ),
  manifests: fc.oneof(fc.constant(sampleImageBytes.toString()), mutatedJson(sampleManifests)),
  blobs: fc.oneof(fc.constantFrom(...sampleBlobs.map(String)), mutated([sampleLayer.toString()])),
  tags: mutatedJson([{ name: 'team/app', tags: ['1', 'latest', 'not a tag'] }]),
  referrers: fc.oneof(
    mutatedJson([{ schemaVersion: 2, mediaType: ociIndex, manifests: descriptors }]),
    deepJson.map((deep) => `{"manifests":[${deep}]}`),
  ),
  other: mutated(['<html>']),
}

/** Often as it should be, so that what comes behind it is reached. */
const statusOfKind: Readonly<Record<LieKind, string>> = {
  ...{ token: '200 OK', manifests: '200 OK', blobs: '200 OK', tags: '200 OK' },
  ...{ referrers: '200 OK', other: '200 OK', base: '401 Unauthorized' },
}
const otherStatuses = [
  ...['206 Partial Content', '204 No Content', '302 Found', '307 Temporary Redirect', '304 x'],
  ...['400 x', '401 Unauthorized', '403 x', '404 x', '416 x', '500 x', '503 x', '999 x', '99 x'],
  ...['101 Switching Protocols', '103 Early Hints', '200'],
]

const challenge = 'WWW-Authenticate: Bearer realm="/token",service="s"'
const usualHeaders = [
  challenge,
  'WWW-Authenticate: Basic realm="x"',
  `Content-Type: ${ociManifest}`,
  `Content-Type: ${ociIndex}`,
  'Content-Type: application/json; charset=utf-8',
  `Docker-Content-Digest: ${digest}`,
  `Docker-Content-Digest: ${layer}`,
  'Link: </v2/up/app/tags/list?last=1&n=3>; rel="next"',
  'Link: <http://elsewhere.example/v2/x>; rel=next, <a>; rel="prev"; title*=UTF-8\'\'x',
  'Location: /v2/up/app/other/place',
  'Location: http://169.254.169.254/latest',
  `Content-Range: bytes 0-${sampleLayer.length - 1}/${sampleLayer.length}`,
  'Retry-After: 1',
  'RateLimit-Limit: 100;w=21600\r\nRateLimit-Remaining: 1;w=21600',
  'Content-Encoding: gzip',
  'Connection: close',
  'Date: Wed, 21 Oct 2026 07:28:00 GMT',
  'Set-Cookie: a=b',
]

const headers = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...usualHeaders) },
    { weight: 1, arbitrary: mutated(usualHeaders) },
  ),
  { maxLength: 2 },
)

type Framing = (body: string) => string

const rightFramings: readonly Framing[] = [
  (body) => `Content-Length: ${body.length}\r\n\r\n${body}`,
  (body) => `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
]
const wrongFramings: readonly Framing[] = [
  (body) => `\r\n${body}`,
  (body) => `Content-Length: ${body.length + 100}\r\n\r\n${body}`,
  (body) => `Content-Length: ${body.length >> 1}\r\n\r\n${body}`,
  (body) => `Content-Length: 99999999999999\r\n\r\n${body}`,
  (body) => `Content-Length: 99999999999999999999\r\n\r\n${body}`,
  (body) => `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}`,
  (body) => `Transfer-Encoding: chunked\r\n\r\nzz\r\n${body}`,
]

function lieAbout(kind: LieKind): fc.Arbitrary<Lie> {
  const usually = fc.constant(statusOfKind[kind])
  const answer = fc
    .record({
      status: fc.oneof(
        { weight: 9, arbitrary: usually },
        { weight: 1, arbitrary: fc.constantFrom(...otherStatuses) },
      ),
      headers,
      body: bodies[kind],
      framing: fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...rightFramings) },
        { weight: 1, arbitrary: fc.constantFrom(...wrongFramings) },
      ),
    })
    .map(({ status, headers, body, framing }) => {
      const lines = [`HTTP/1.1 ${status}`, ...(kind === 'base' ? [challenge] : []), ...headers]
      const head = lines.map((line) => `${line}\r\n`).join('')
      return head + framing(Buffer.from(body).toString('latin1'))
    })
  const noise = mutated(['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '', 'SSH-2.0-x\r\n'])
  const bytes = fc.oneof({ weight: 20, arbitrary: answer }, { weight: 1, arbitrary: noise })
  return fc.record({ bytes, isEnd: fc.boolean() })
}

/** About some of what it can be asked for; of the rest it has nothing. */
export const lies: fc.Arbitrary<Lies> = fc.record(
  Object.fromEntries(lieKinds.map((kind) => [kind, lieAbout(kind)])) as Record<
    LieKind,
    fc.Arbitrary<Lie>
  >,
  { requiredKeys: [] },
)
