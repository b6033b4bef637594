import fc from 'fast-check'
import { ociIndex, ociManifest } from '../../src/oci/media-type.ts'
import { brokenFramings, framings } from './framings.ts'
import { asAlice } from './fuzzed-users.ts'
import { deepJson, mutated, mutatedJson } from './mutations.ts'
import { apiPosts, apiTargets, blobPushes, layer, manifestTargets, targets } from './routes.ts'
import { sampleBlobs, sampleLayer, sampleManifests } from './sample-documents.ts'

/** What one client sends on one connection, and how it leaves: it waits, or half closes, or breaks. */
export type Conversation = {
  readonly pieces: readonly string[]
  readonly end: 'wait' | 'half-close' | 'break'
}

const methods = rarely(
  fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'),
  fc.constantFrom('OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'get', 'PRI', ''),
)

const usualHeaders = [
  'Range: bytes=0-4,6-',
  'If-Range: "x"',
  `If-None-Match: "${layer}", *`,
  'Content-Range: 0-17',
  `Content-Type: ${ociManifest}`,
  `Content-Type: ${ociIndex}`,
  'Accept: */*',
  'Authorization: Basic Og==',
  asAlice,
  'Authorization: Basic YWxpY2U6d3Jvbmc=',
  `Authorization: Bearer entrepot_${'0'.repeat(12)}_${'A'.repeat(43)}`,
  'Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJvcGVyYXRvciJ9.',
  `Cookie: entrepot_session=entrepot_${'0'.repeat(12)}_${'A'.repeat(43)}`,
  'Expect: 100-continue',
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c',
  'X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: https',
  'Origin: http://elsewhere.example',
  'Host: localhost:5000',
  'Cookie: a=b',
]
const smuggling = [
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: 5\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\tchunked\r\nTE: trailers',
  'Content-Length: -1',
  'Content-Length: 18446744073709551616',
  'Content-Length: 99999999999',
  ` folded: yes`,
  `X-Long: ${'x'.repeat(40_000)}`,
  'a: b\r\n'.repeat(3_000).trimEnd(),
]

const headers = fc.array(
  rarely(
    fc.constantFrom(...usualHeaders),
    fc.oneof(mutated(usualHeaders), fc.constantFrom(...smuggling)),
  ),
  { maxLength: 3 },
)

const contents = fc.oneof(
  fc.constantFrom('', ...sampleBlobs.map(String)),
  mutatedJson(sampleManifests),
  mutated(['x'.repeat(300), '\0'.repeat(10)]),
)

/** Most requests get past the parser of HTTP, to be looked at behind it. */
function rarely<T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 15, arbitrary: usual }, { weight: 1, arbitrary: other })
}

const framing = rarely(fc.constantFrom(...framings), fc.constantFrom(...brokenFramings))

type Parts = {
  readonly method: fc.Arbitrary<string>
  readonly target: fc.Arbitrary<string>
  readonly headers: fc.Arbitrary<readonly string[]>
  readonly body: fc.Arbitrary<string>
}

function requests(parts: Partial<Parts>): fc.Arbitrary<string> {
  const otherVersion = fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/9', '')
  const version = rarely(fc.constant('HTTP/1.1'), otherVersion)
  const target = fc.constantFrom(...targets)
  const usual = { method: methods, target, version, headers, body: contents, framing }
  return fc.record({ ...usual, ...parts }).map((asked) => {
    const lines = [`${asked.method} ${asked.target} ${asked.version}`, 'Host: 127.0.0.1']
    const head = [...lines, ...asked.headers].map((line) => `${line}\r\n`).join('')
    return head + asked.framing(asBytes(asked.body))
  })
}

/** A character a byte, so that lengths are lengths. */
function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}

const deepBody = deepJson.map((deep) => `{"image":${deep}}`)

/** What is right but for one part of it. */
const nearlyRight = [
  ...blobPushes.flatMap(([method, target]) => {
    const right = { method: fc.constant(method), body: fc.constant(sampleLayer.toString()) }
    const bodies = mutated([sampleLayer.toString()])
    return [
      requests({ ...right, target: fc.constant(target) }),
      requests({ ...right, target: mutated([target]).map(escapeOdd) }),
      requests({ ...right, target: fc.constant(target), body: bodies }),
    ]
  }),
  ...apiPosts.map(([target, body]) =>
    requests({
      method: fc.constant('POST'),
      target: fc.constant(target),
      headers: fc.constant([asAlice]),
      body: fc.oneof(mutatedJson([body]), deepBody),
    }),
  ),
]

const manifestPush = requests({
  method: fc.constant('PUT'),
  target: fc.constantFrom(...manifestTargets),
  headers: fc.constantFrom(...[ociManifest, ociIndex].map((type) => [`Content-Type: ${type}`])),
  body: mutatedJson(sampleManifests),
})
const form = 'grant_type=password&username=alice&password=wonderland&scope=repository:team/app:pull'
const tokenRequest = requests({
  method: fc.constant('POST'),
  target: fc.constant('/token'),
  headers: fc.constant(['Content-Type: application/x-www-form-urlencoded']),
  body: mutated([form, `grant_type=refresh_token&refresh_token=entrepot_${'0'.repeat(12)}_x`]),
})
const get = fc.constant('GET')

const request = fc.oneof(
  { weight: 4, arbitrary: requests({}) },
  { weight: 6, arbitrary: fc.oneof(...nearlyRight) },
  { weight: 3, arbitrary: manifestPush },
  { weight: 2, arbitrary: tokenRequest },
  { weight: 3, arbitrary: requests({ target: mutated(targets).map(escapeOdd) }) },
  { weight: 3, arbitrary: requests({ method: get, target: mutated(apiTargets).map(escapeOdd) }) },
  { weight: 1, arbitrary: requests({ target: mutated(targets) }) },
  { weight: 1, arbitrary: mutated(['GET /v2/ HTTP/1.1\r\nHost: h\r\n\r\n', '\x16\x03\x01']) },
)

/** What no parser of HTTP would let through. */
function escapeOdd(target: string): string {
  return target.replace(/[^\x21-\x7e]/gu, (character) => {
    const bytes = [...Buffer.from(character)]
    return bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  })
}

/** One request or several in a row, sent in one piece or in several. */
export const conversation: fc.Arbitrary<Conversation> = fc
  .record({
    requests: fc.array(request, { minLength: 1, maxLength: 3 }),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 2 }),
    end: fc.oneof(
      { weight: 12, arbitrary: fc.constant('wait' as const) },
      { weight: 1, arbitrary: fc.constantFrom('half-close' as const, 'break' as const) },
    ),
  })
  .map(({ requests, cuts, end }) => {
    const all = [...requests, ...(end === 'wait' ? [goodbye] : [])]
    return { pieces: cutInto(all.join(''), cuts), end }
  })

/** After it the server closes the connection, unless it takes this for the rest of something else. */
const goodbye = 'GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'

function cutInto(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...cuts.map((cut) => Math.floor(cut * text.length)).sort((a, b) => a - b)]
  return places.map((place, at) => text.slice(place, places[at + 1]))
}
