import { type Case, type Given, location, type Section, type Step } from './case.ts'
import type { Content } from './content.ts'
import { runSection } from './run-section.ts'

const uploads = 'blobs/uploads/'
const octets = { 'content-type': 'application/octet-stream' }

const sessionHeaders = {
  Location: /^\/v2\/.+\/blobs\/uploads\/[0-9a-f-]+$/,
  'Docker-Upload-UUID': /^[0-9a-f-]{36,}$/,
  'X-Entrepot-Cache': 'hosted',
}

const begin: Step = {
  send: ['POST', uploads],
  expect: { status: 202, headers: { ...sessionHeaders, Range: '0-0', 'Content-Length': '0' } },
}

function taken(stored: Content): Step['expect'] {
  const headers = {
    Location: new RegExp(`/blobs/${stored.digest}$`),
    'Docker-Content-Digest': stored.digest,
    'Content-Length': '0',
  }
  return { status: 201, headers, stored }
}

function accepted(bytes: number): Step['expect'] {
  return { status: 202, headers: { ...sessionHeaders, Range: `0-${Math.max(0, bytes - 1)}` } }
}

/** What a session holds after a step that didn't go well. */
function state(bytes: number): Step {
  const headers = { ...sessionHeaders, Range: `0-${Math.max(0, bytes - 1)}` }
  return { send: ['GET', location()], expect: { status: 204, headers } }
}

function patch(body: Uint8Array, range: string | undefined, expect: Step['expect']): Step {
  const headers = { ...octets, ...(range !== undefined && { 'content-range': range }) }
  return { send: ['PATCH', location()], headers, body, expect }
}

function put(blob: Content, body: Uint8Array | undefined, expect: Step['expect']): Step {
  const send = ['PUT', location(`digest=${blob.digest}`)] as const
  return { send, headers: octets, ...(body && { body }), expect }
}

/** `size` bytes in chunks of `of`, each with its range. */
function chunksOf({ bytes }: Content, of: number): Step[] {
  const steps: Step[] = []
  for (let start = 0; start < bytes.length; start += of) {
    const chunk = bytes.subarray(start, start + of)
    const end = start + chunk.length
    steps.push(patch(chunk, `${start}-${end - 1}`, accepted(end)))
  }
  return steps
}

/** Pulled whole from its repository. */
function pulled(blob: Content): Step[] {
  const send = (method: string) => [method, `blobs/${blob.digest}`] as const
  const headers = { 'Content-Length': `${blob.bytes.length}`, 'Docker-Content-Digest': blob.digest }
  return [
    { send: send('HEAD'), expect: { status: 200, headers } },
    { send: send('GET'), expect: { status: 200, headers, body: blob.bytes } },
  ]
}

const refused = (error: NonNullable<Step['expect']['error']>, status = 400): Step['expect'] => ({
  status,
  error,
})

const pushing =
  (stepsOf: (blob: Content, given: Given) => readonly Step[], size = 512) =>
  (given: Given): Omit<Case, 'name'> => {
    const blob = given.make.blob('blob', size)
    return { steps: [...stepsOf(blob, given), ...pulled(blob)] }
  }

/** The blob isn't there afterwards, and the session has `left` bytes, unless it is gone. */
const failing =
  (stepsOf: (blob: Content, given: Given) => readonly Step[], left?: number) =>
  (given: Given): Omit<Case, 'name'> => {
    const blob = given.make.blob('blob')
    const steps = [...stepsOf(blob, given)]
    if (left !== undefined) steps.push(state(left))
    const missing = { status: 404, error: 'BLOB_UNKNOWN' } as const
    steps.push({ send: ['GET', `blobs/${blob.digest}`], expect: missing })
    return { steps }
  }

const wrong = Buffer.from('not what the digest says')
const gone: Step['expect'] = { status: 404, error: 'BLOB_UPLOAD_UNKNOWN' }

const monolithic: Section = {
  'POST, then PUT with all of it': pushing((blob) => [begin, put(blob, blob.bytes, taken(blob))]),
  'PUT may be in chunks of HTTP, without a length': pushing((blob) => [
    begin,
    { ...put(blob, blob.bytes, taken(blob)), isChunked: true },
  ]),
  'PUT may say what range it sends': pushing((blob) => [
    begin,
    {
      ...put(blob, blob.bytes, taken(blob)),
      headers: { ...octets, 'content-range': `0-${blob.bytes.length - 1}` },
    },
  ]),
  'a single POST with all of it': pushing((blob) => [
    {
      send: ['POST', `${uploads}?digest=${blob.digest}`],
      headers: octets,
      body: blob.bytes,
      expect: taken(blob),
    },
  ]),
  'a single POST in chunks of HTTP': pushing((blob) => [
    {
      send: ['POST', `${uploads}?digest=${blob.digest}`],
      headers: octets,
      body: blob.bytes,
      isChunked: true,
      expect: taken(blob),
    },
  ]),
  'POST without the last slash': pushing((blob) => [
    { ...begin, send: ['POST', 'blobs/uploads'] },
    put(blob, blob.bytes, taken(blob)),
  ]),
  'POST may say which algorithm will be used': pushing((blob, { algorithm }) => [
    { ...begin, send: ['POST', `${uploads}?digest-algorithm=${algorithm}`] },
    put(blob, blob.bytes, taken(blob)),
  ]),
  'a blob without a byte, in two requests': ({ make }) => {
    const blob = make.blobOf('')
    return { steps: [begin, put(blob, undefined, taken(blob)), ...pulled(blob)] }
  },
  'a blob without a byte, in a single POST': ({ make }) => {
    const blob = make.blobOf('')
    const send = ['POST', `${uploads}?digest=${blob.digest}`] as const
    return { steps: [{ send, headers: octets, expect: taken(blob) }, ...pulled(blob)] }
  },
  'the empty object of JSON': ({ make }) => {
    const blob = make.empty
    return { steps: [begin, put(blob, blob.bytes, taken(blob)), ...pulled(blob)] }
  },
  'a blob that is there already is taken again': (given) => {
    const blob = given.make.blob('again')
    return { given: [blob], steps: [begin, put(blob, blob.bytes, taken(blob)), ...pulled(blob)] }
  },
  'a blob of ten megabytes': pushing(
    (blob) => [begin, put(blob, blob.bytes, taken(blob))],
    10_000_000,
  ),
  'a digest in the query may be escaped': pushing((blob) => [
    begin,
    {
      send: ['PUT', location(`digest=${encodeURIComponent(blob.digest)}`)],
      headers: octets,
      body: blob.bytes,
      expect: taken(blob),
    },
  ]),
}

const inChunks: Section = {
  'one chunk with its range, then PUT': pushing((blob) => [
    begin,
    ...chunksOf(blob, blob.bytes.length),
    put(blob, undefined, taken(blob)),
  ]),
  'several chunks, then PUT': pushing(
    (blob) => [begin, ...chunksOf(blob, 1024), put(blob, undefined, taken(blob))],
    5000,
  ),
  'several chunks, the last of them in PUT': pushing((blob) => {
    const { bytes } = blob
    const last = { ...octets, 'content-range': `1024-${bytes.length - 1}` }
    return [
      begin,
      patch(bytes.subarray(0, 512), '0-511', accepted(512)),
      patch(bytes.subarray(512, 1024), '512-1023', accepted(1024)),
      { ...put(blob, bytes.subarray(1024), taken(blob)), headers: last },
    ]
  }, 1500),
  'chunks without ranges go behind each other': pushing((blob) => [
    begin,
    patch(blob.bytes.subarray(0, 100), undefined, accepted(100)),
    patch(blob.bytes.subarray(100), undefined, accepted(512)),
    put(blob, undefined, taken(blob)),
  ]),
  'chunks of a single byte': pushing(
    (blob) => [begin, ...chunksOf(blob, 1), put(blob, undefined, taken(blob))],
    5,
  ),
  'a stream, without length and range': pushing((blob) => [
    begin,
    { ...patch(blob.bytes, undefined, accepted(512)), isChunked: true },
    put(blob, undefined, taken(blob)),
  ]),
  'a chunk without a byte changes nothing': pushing((blob) => [
    begin,
    patch(Buffer.alloc(0), undefined, accepted(0)),
    patch(blob.bytes, undefined, accepted(512)),
    patch(Buffer.alloc(0), undefined, accepted(512)),
    put(blob, undefined, taken(blob)),
  ]),
  'a stream of three megabytes': pushing(
    (blob) => [
      begin,
      { ...patch(blob.bytes, undefined, accepted(3_000_000)), isChunked: true },
      put(blob, undefined, taken(blob)),
    ],
    3_000_000,
  ),
}

const outOfOrder: Section = {
  'a chunk too far ahead is refused, and the session goes on': pushing((blob) => [
    begin,
    patch(blob.bytes.subarray(200, 300), '200-299', refused('BLOB_UPLOAD_INVALID', 416)),
    state(0),
    patch(blob.bytes.subarray(0, 200), '0-199', accepted(200)),
    patch(blob.bytes.subarray(300), '300-511', refused('BLOB_UPLOAD_INVALID', 416)),
    state(200),
    patch(blob.bytes.subarray(200), '200-511', accepted(512)),
    put(blob, undefined, taken(blob)),
  ]),
  'a chunk that came already is refused, and the session goes on': pushing((blob) => [
    begin,
    patch(blob.bytes.subarray(0, 200), '0-199', accepted(200)),
    patch(blob.bytes.subarray(0, 200), '0-199', refused('BLOB_UPLOAD_INVALID', 416)),
    state(200),
    patch(blob.bytes.subarray(200), '200-511', accepted(512)),
    put(blob, undefined, taken(blob)),
  ]),
  'a last chunk in PUT that is out of order is refused, and the session goes on': pushing(
    (blob) => {
      const { bytes } = blob
      const headers = (range: string) => ({ ...octets, 'content-range': range })
      return [
        begin,
        patch(bytes.subarray(0, 200), '0-199', accepted(200)),
        {
          ...put(blob, bytes.subarray(300), refused('BLOB_UPLOAD_INVALID', 416)),
          headers: headers('300-511'),
        },
        state(200),
        { ...put(blob, bytes.subarray(200), taken(blob)), headers: headers('200-511') },
      ]
    },
  ),
  'a range that is none is refused, and the session goes on': pushing((blob) => [
    begin,
    patch(blob.bytes, 'all of it', refused('BLOB_UPLOAD_INVALID', 416)),
    patch(blob.bytes, '5-', refused('BLOB_UPLOAD_INVALID', 416)),
    patch(blob.bytes, '9-5', refused('BLOB_UPLOAD_INVALID', 416)),
    state(0),
    put(blob, blob.bytes, taken(blob)),
  ]),
  'a range of another length than the chunk is refused, and the session goes on': pushing(
    (blob) => [
      begin,
      patch(blob.bytes, '0-99', refused('SIZE_INVALID')),
      patch(blob.bytes, '0-999', refused('SIZE_INVALID')),
      state(0),
      put(blob, blob.bytes, taken(blob)),
    ],
  ),
}

const wrongDigests: Section = {
  'a wrong digest of a single POST': failing((blob) => [
    {
      send: ['POST', `${uploads}?digest=${blob.digest}`],
      headers: octets,
      body: wrong,
      expect: refused('DIGEST_INVALID'),
    },
  ]),
  'a wrong digest of a PUT, after which the session goes on': failing(
    (blob) => [begin, put(blob, wrong, refused('DIGEST_INVALID'))],
    wrong.length,
  ),
  'a wrong digest after chunks': failing((blob) => [
    begin,
    patch(blob.bytes.subarray(0, 200), '0-199', accepted(200)),
    put(blob, wrong, refused('DIGEST_INVALID')),
  ]),
  'a wrong digest after a stream': failing((blob) => [
    begin,
    { ...patch(wrong, undefined, accepted(wrong.length)), isChunked: true },
    put(blob, undefined, refused('DIGEST_INVALID')),
  ]),
  'a digest that is none, of a single POST': failing((blob) => [
    {
      send: ['POST', `${uploads}?digest=sha256:baddigeststring`],
      headers: octets,
      body: blob.bytes,
      expect: refused('DIGEST_INVALID'),
    },
  ]),
  'a digest that is none, of a PUT': failing(
    (blob) => [
      begin,
      {
        send: ['PUT', location('digest=sha256:baddigeststring')],
        body: blob.bytes,
        expect: refused('DIGEST_INVALID'),
      },
    ],
    0,
  ),
  'a digest of an algorithm that is not known': failing(
    (blob) => [
      begin,
      {
        send: ['PUT', location(`digest=md5:${'0'.repeat(32)}`)],
        body: blob.bytes,
        expect: refused('DIGEST_INVALID'),
      },
    ],
    0,
  ),
  'a PUT without a digest': failing(
    (blob) => [
      begin,
      { send: ['PUT', location()], body: blob.bytes, expect: refused('DIGEST_INVALID') },
    ],
    0,
  ),
}

const sessions: Section = {
  'HEAD of a session says the same as GET': pushing((blob) => [
    begin,
    patch(blob.bytes, undefined, accepted(512)),
    {
      send: ['HEAD', location()],
      expect: { status: 204, headers: { ...sessionHeaders, Range: '0-511' } },
    },
    put(blob, undefined, taken(blob)),
  ]),
  'a session that is cancelled is gone': failing((blob) => [
    begin,
    patch(blob.bytes, undefined, accepted(512)),
    { send: ['DELETE', location()], expect: { status: 204, headers: { Location: undefined } } },
    { send: ['GET', location()], expect: gone },
    patch(blob.bytes, undefined, gone),
    put(blob, blob.bytes, gone),
    { send: ['DELETE', location()], expect: gone },
  ]),
  'a session that never began is not found': ({ make }) => {
    const blob = make.blob('blob')
    const unknown = 'blobs/uploads/00000000-0000-0000-0000-000000000000'
    const send = (method: string, query = '') => ({ send: [method, unknown + query] as const })
    return {
      steps: [
        { ...send('GET'), expect: gone },
        { ...send('PATCH'), body: blob.bytes, expect: gone },
        { ...send('PUT', `?digest=${blob.digest}`), body: blob.bytes, expect: gone },
        { ...send('DELETE'), expect: gone },
      ],
    }
  },
  'a session belongs to the repository in which it began': (given) => {
    const blob = given.make.blob('blob')
    const elsewhere = { at: 'location', from: given.other } as const
    return {
      steps: [
        begin,
        { send: ['GET', elsewhere], expect: gone },
        { send: ['PATCH', elsewhere], body: blob.bytes, expect: gone },
        { send: ['DELETE', elsewhere], expect: gone },
        put(blob, blob.bytes, taken(blob)),
      ],
    }
  },
  'a session that has come to its end is gone': ({ make }) => {
    const blob = make.blob('blob')
    // The Location of its end is the blob's, so the session's own is asked for from the outside.
    return {
      steps: [
        begin,
        put(blob, blob.bytes, taken(blob)),
        { send: ['GET', { at: 'session' }], expect: gone },
      ],
    }
  },
  'a session takes no POST': () => ({
    steps: [
      begin,
      {
        send: ['POST', location()],
        expect: {
          status: 405,
          error: 'UNSUPPORTED',
          headers: { Allow: 'GET, HEAD, PATCH, PUT, DELETE' },
        },
      },
    ],
  }),
  'uploads are begun with POST alone': () => ({
    steps: [{ send: ['GET', uploads], expect: { status: 405, error: 'UNSUPPORTED' } }],
  }),
}

runSection('§Pushing a blob monolithically', monolithic)
runSection('§Pushing a blob in chunks', inChunks)
runSection('§Pushing a blob in chunks: out of order', outOfOrder)
runSection('§Pushing blobs: wrong digests', wrongDigests)
runSection('§Pushing a blob in chunks: sessions', sessions)
