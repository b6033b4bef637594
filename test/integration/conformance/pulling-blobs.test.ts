import type { Case, Given, Section, Step } from './case.ts'
import type { Content } from './content.ts'
import { runSection } from './run-section.ts'

const size = 2048

function headersOf({ digest, bytes }: Content) {
  return {
    'Content-Type': 'application/octet-stream',
    'Content-Length': `${bytes.length}`,
    'Docker-Content-Digest': digest,
    'Accept-Ranges': 'bytes',
    ETag: `"${digest}"`,
    'Content-Encoding': undefined,
    'X-Entrepot-Cache': 'hosted',
  }
}

function pull(content: Content, headers: Record<string, string> = {}): Step[] {
  const path = `blobs/${content.digest}`
  const expected = { status: 200, headers: headersOf(content) }
  return [
    { send: ['HEAD', path], headers, expect: { ...expected, body: Buffer.alloc(0) } },
    { send: ['GET', path], headers, expect: { ...expected, body: content.bytes } },
    { send: ['GET', path], headers, expect: { ...expected, body: content.bytes } },
  ]
}

const pullable =
  (contentOf: (given: Given) => Content, headers?: Record<string, string>) =>
  (given: Given): Omit<Case, 'name'> => ({
    given: [contentOf(given)],
    steps: pull(contentOf(given), headers),
  })

/** RFC 9110 §14: the bytes from `start` to `end`, both of them too. */
const part =
  (range: string, start: number, end: number) =>
  ({ make }: Given): Omit<Case, 'name'> => {
    const blob = make.blob('ranges', size)
    const headers = {
      ...headersOf(blob),
      'Content-Length': `${end - start + 1}`,
      'Content-Range': `bytes ${start}-${end}/${size}`,
    }
    const body = blob.bytes.subarray(start, end + 1)
    const send = ['GET', `blobs/${blob.digest}`] as const
    return {
      given: [blob],
      steps: [{ send, headers: { range }, expect: { status: 206, headers, body } }],
    }
  }

const nothing =
  (range: string) =>
  ({ make }: Given): Omit<Case, 'name'> => {
    const blob = make.blob('ranges', size)
    const headers = { 'Content-Range': `bytes */${size}` }
    const send = ['GET', `blobs/${blob.digest}`] as const
    return {
      given: [blob],
      steps: [
        {
          send,
          headers: { range },
          expect: { status: 416, error: 'RANGE_INVALID', headers },
        },
      ],
    }
  }

const refused =
  (
    digest: string | ((given: Given) => string),
    status: number,
    error: 'BLOB_UNKNOWN' | 'DIGEST_INVALID',
  ) =>
  (given: Given): Omit<Case, 'name'> => {
    const path = `blobs/${typeof digest === 'string' ? digest : digest(given)}`
    return {
      steps: [
        { send: ['GET', path], expect: { status, error } },
        { send: ['HEAD', path], expect: { status, body: Buffer.alloc(0) } },
      ],
    }
  }

const section: Section = {
  'a blob is pulled': pullable(({ make }) => make.blob('small')),
  'a blob of a megabyte is pulled': pullable(({ make }) => make.blob('large', 1024 * 1024)),
  'a blob without a byte is pulled': pullable(({ make }) => make.blobOf('')),
  'the empty object of JSON is pulled': pullable(({ make }) => make.empty),
  'a blob comes as it is to whoever accepts other encodings': pullable(
    ({ make }) => make.blob('x'),
    {
      'accept-encoding': 'zstd;q=1.0, gzip;q=0.8',
    },
  ),
  'who has it already is told so': ({ make }) => {
    const blob = make.blob('known')
    const headers = { 'if-none-match': `"${blob.digest}"` }
    const expected = { status: 304, body: Buffer.alloc(0) }
    return {
      given: [blob],
      steps: [{ send: ['GET', `blobs/${blob.digest}`], headers, expect: expected }],
    }
  },
  'a blob that was never pushed is not found': refused(
    ({ make }) => make.digest(Buffer.from('never')),
    404,
    'BLOB_UNKNOWN',
  ),
  'a digest that is none is refused': refused('sha256:baddigeststring', 400, 'DIGEST_INVALID'),
  'a tag is no digest': refused('latest', 400, 'DIGEST_INVALID'),
  'a blob of another repository is not found, though its digest is known': ({ make, other }) => {
    const blob = make.blob('elsewhere')
    return {
      givenElsewhere: [blob],
      steps: [
        { send: ['GET', `blobs/${blob.digest}`], expect: { status: 404, error: 'BLOB_UNKNOWN' } },
        {
          send: ['GET', `/v2/${other}/blobs/${blob.digest}`],
          expect: { status: 200, body: blob.bytes },
        },
      ],
    }
  },
  'bytes=500-1499 gives these': part('bytes=500-1499', 500, 1499),
  'bytes=0-0 gives the first': part('bytes=0-0', 0, 0),
  'bytes=500- gives all from there': part('bytes=500-', 500, size - 1),
  'bytes=-500 gives the last': part('bytes=-500', size - 500, size - 1),
  'bytes=-5000 gives all, of a blob that is smaller': part('bytes=-5000', 0, size - 1),
  'bytes=2000-5000 gives what there is of it': part('bytes=2000-5000', 2000, size - 1),
  'bytes=500-0 gives nothing': nothing('bytes=500-0'),
  'bytes=5000-10000 gives nothing': nothing('bytes=5000-10000'),
  'bytes=2048- gives nothing, behind the last': nothing(`bytes=${size}-`),
  'bytes=-0 gives nothing': nothing('bytes=-0'),
  'two ranges come as parts of one answer': ({ make }) => {
    const blob = make.blob('ranges', size)
    const headers = { 'Content-Type': /^multipart\/byteranges; boundary=/ }
    return {
      given: [blob],
      steps: [
        {
          send: ['GET', `blobs/${blob.digest}`],
          headers: { range: 'bytes=0-9,100-109' },
          expect: { status: 206, headers },
        },
      ],
    }
  },
}

runSection('§Pulling blobs', section)
