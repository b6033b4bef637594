import { digestOf } from '../../../src/oci/digest.ts'
import { location, type Section, type Step } from './case.ts'
import { type Content, types } from './content.ts'
import { runSection } from './run-section.ts'

const begin: Step = { send: ['POST', 'blobs/uploads/'], expect: { status: 202 } }

function missing(path: string, error: 'BLOB_UNKNOWN' | 'MANIFEST_UNKNOWN'): Step[] {
  return [
    { send: ['HEAD', path], expect: { status: 404, body: Buffer.alloc(0) } },
    { send: ['GET', path], expect: { status: 404, error } },
  ]
}

/** As docker does it. */
function pushBlob(blob: Content): Step[] {
  const put = ['PUT', location(`digest=${blob.digest}`)] as const
  return [
    { send: ['HEAD', `blobs/${blob.digest}`], expect: { status: 404 } },
    begin,
    { send: ['PATCH', location()], body: blob.bytes, isChunked: true, expect: { status: 202 } },
    { send: put, expect: { status: 201, stored: blob } },
    ...pulled(blob),
  ]
}

function pulled({ digest, bytes }: Content): Step[] {
  const headers = { 'Content-Length': `${bytes.length}`, 'Docker-Content-Digest': digest }
  return [
    { send: ['HEAD', `blobs/${digest}`], expect: { status: 200, headers } },
    { send: ['GET', `blobs/${digest}`], expect: { status: 200, headers, body: bytes } },
  ]
}

const section: Section = {
  'nothing refers to anything': ({ make }) => ({
    isFirst: true,
    steps: [
      {
        send: ['GET', `referrers/${make.digest(Buffer.from('never'))}`],
        expect: {
          status: 200,
          headers: { 'Content-Type': types.index },
          json: { schemaVersion: 2, mediaType: types.index, manifests: [] },
        },
      },
    ],
  }),
  'there are no tags, and no such name': () => ({
    isFirst: true,
    steps: [{ send: ['GET', 'tags/list'], expect: { status: 404, error: 'NAME_UNKNOWN' } }],
  }),
  'there is neither a blob nor a manifest': ({ make }) => {
    const digest = make.digest(Buffer.from('never'))
    return {
      isFirst: true,
      steps: [
        ...missing(`blobs/${digest}`, 'BLOB_UNKNOWN'),
        ...missing(`manifests/${digest}`, 'MANIFEST_UNKNOWN'),
        ...missing('manifests/v1', 'MANIFEST_UNKNOWN'),
      ],
    }
  },
  'an image is pushed, and each part is there as soon as it is pushed': ({ make }) => {
    const layer = make.blob('layer')
    const image = make.image([layer])
    const stored = { ...image, digest: digestOf(image.bytes) }
    const headers = { 'content-type': image.mediaType }
    return {
      isFirst: true,
      steps: [
        ...pushBlob(layer),
        ...pushBlob(make.config),
        { send: ['HEAD', 'manifests/v1'], expect: { status: 404 } },
        {
          send: ['PUT', 'manifests/v1'],
          headers,
          body: image.bytes,
          expect: { status: 201, stored },
        },
        { send: ['GET', 'manifests/v1'], expect: { status: 200, body: image.bytes } },
        { send: ['GET', 'tags/list'], expect: { status: 200, headers: { Link: undefined } } },
      ],
    }
  },
  'a blob is pulled in ranges before there is an image': ({ make }) => {
    const blob = make.blob('blob', 2048)
    const post = ['POST', `blobs/uploads/?digest=${blob.digest}`] as const
    return {
      isFirst: true,
      steps: [
        { send: post, body: blob.bytes, expect: { status: 201, stored: blob } },
        {
          send: ['GET', `blobs/${blob.digest}`],
          headers: { range: 'bytes=500-1499' },
          expect: {
            status: 206,
            headers: { 'Content-Range': 'bytes 500-1499/2048' },
            body: blob.bytes.subarray(500, 1500),
          },
        },
      ],
    }
  },
  'a blob is mounted, and pulled before there is an image': ({ make, other }) => {
    const blob = make.blob('mounted')
    const post = ['POST', `blobs/uploads/?mount=${blob.digest}&from=${other}`] as const
    return {
      isFirst: true,
      givenElsewhere: [blob],
      steps: [{ send: post, expect: { status: 201, stored: blob } }, ...pulled(blob)],
    }
  },
  'a blob is mounted from where there is no image either': ({ make, other }) => {
    const blob = make.blob('mounted')
    const push = ['POST', `/v2/${other}/blobs/uploads/?digest=${blob.digest}`] as const
    const mount = ['POST', `blobs/uploads/?mount=${blob.digest}&from=${other}`] as const
    return {
      isFirst: true,
      steps: [
        { send: push, body: blob.bytes, expect: { status: 201, stored: blob } },
        { send: mount, expect: { status: 201, stored: blob } },
        ...pulled(blob),
      ],
    }
  },
  'a blob is removed before there is an image': ({ make }) => {
    const blob = make.blob('blob')
    const post = ['POST', `blobs/uploads/?digest=${blob.digest}`] as const
    return {
      isFirst: true,
      steps: [
        { send: post, body: blob.bytes, expect: { status: 201, stored: blob } },
        { send: ['DELETE', `blobs/${blob.digest}`], expect: { status: 202 } },
        ...missing(`blobs/${blob.digest}`, 'BLOB_UNKNOWN'),
      ],
    }
  },
  'an index of nothing is the first': ({ make }) => {
    const index = make.index([])
    const put = ['PUT', `manifests/${index.digest}`] as const
    const headers = { 'content-type': index.mediaType }
    return {
      isFirst: true,
      steps: [{ send: put, headers, body: index.bytes, expect: { status: 201, stored: index } }],
    }
  },
}

runSection('a repository that nobody pushed to', section)
