import { digestOf } from '../../../src/oci/digest.ts'
import type { Case, Given, Section, Step } from './case.ts'
import { type Content, tagged, types } from './content.ts'
import { runSection } from './run-section.ts'

function headersOf({ mediaType, digest, bytes }: Content) {
  return {
    'Content-Type': mediaType,
    'Content-Length': `${bytes.length}`,
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
    'X-Entrepot-Cache': 'hosted',
    'OCI-Namespace': undefined,
    'Content-Encoding': undefined,
  }
}

function pull(content: Content, reference: string, headers: Record<string, string> = {}): Step[] {
  const path = `manifests/${reference}`
  const expected = { status: 200, headers: headersOf(content) }
  return [
    { send: ['HEAD', path], headers, expect: { ...expected, body: Buffer.alloc(0) } },
    { send: ['GET', path], headers, expect: { ...expected, body: content.bytes } },
    // What is answered from memory is the same.
    { send: ['GET', path], headers, expect: { ...expected, body: content.bytes } },
  ]
}

function pullable(content: Content, needs: readonly Content[] = []): Omit<Case, 'name'> {
  return { given: [...needs, content], steps: pull(content, content.digest) }
}

function image({ make }: Given, details: object = {}) {
  const layer = make.blob('layer')
  return { layer, image: make.image([layer], details), needs: [make.config, layer] }
}

const refused =
  (reference: string, status: number, error: 'MANIFEST_UNKNOWN' | 'DIGEST_INVALID') =>
  ({ make }: Given): Omit<Case, 'name'> => ({
    given: [make.config],
    steps: [
      { send: ['GET', `manifests/${reference}`], expect: { status, error } },
      {
        send: ['HEAD', `manifests/${reference}`],
        expect: { status, body: Buffer.alloc(0), headers: { 'Content-Type': 'application/json' } },
      },
    ],
  })

const section: Section = {
  'an image is pulled by its digest': (given) => {
    const { image: content, needs } = image(given)
    return pullable(content, needs)
  },
  'an image is pulled by its tag, whose digest is of sha256': (given) => {
    const { image: content, needs } = image(given)
    const pushed = tagged(content, 'v1')
    const digest = digestOf(content.bytes)
    return { given: [...needs, pushed], steps: pull({ ...content, digest }, 'v1') }
  },
  'a tag has up to 128 characters of any kind': (given) => {
    const { image: content, needs } = image(given)
    const tag = `_A.b-${'9'.repeat(123)}`
    const digest = digestOf(content.bytes)
    return { given: [...needs, tagged(content, tag)], steps: pull({ ...content, digest }, tag) }
  },
  'an index is pulled': (given) => {
    const { image: content, needs } = image(given)
    return pullable(given.make.index([content]), [...needs, content])
  },
  'an image of Docker schema 2 is pulled': (given) => {
    const { image: content, needs } = image(given, { mediaType: types.dockerManifest })
    return pullable(content, needs)
  },
  'whitespace and the order of fields stay as they were': (given) => {
    const { image: content, needs } = image(given)
    const text = `\n${JSON.stringify(JSON.parse(content.bytes.toString()), null, '\t')}  \r\n`
    return pullable(given.make.manifestFrom(text), needs)
  },
  'what stands in Accept changes nothing of what was pushed': (given) => {
    const { image: content, needs } = image(given)
    const accept = { accept: `${types.index}, ${types.dockerList}`, 'accept-encoding': 'gzip' }
    return { given: [...needs, content], steps: pull(content, content.digest, accept) }
  },
  'who has it already is told so': (given) => {
    const { image: content, needs } = image(given)
    const headers = { 'if-none-match': `"${content.digest}"` }
    const path = `manifests/${content.digest}`
    return {
      given: [...needs, content],
      steps: [{ send: ['GET', path], headers, expect: { status: 304, body: Buffer.alloc(0) } }],
    }
  },
  'a manifest is no blob': (given) => {
    const { image: content, needs } = image(given)
    return {
      given: [...needs, content],
      steps: [
        {
          send: ['GET', `blobs/${content.digest}`],
          expect: { status: 404, error: 'BLOB_UNKNOWN' },
        },
      ],
    }
  },
  'a blob is no manifest': ({ make }) => ({
    given: [make.config],
    steps: [
      {
        send: ['GET', `manifests/${make.config.digest}`],
        expect: { status: 404, error: 'MANIFEST_UNKNOWN' },
      },
    ],
  }),
  'a manifest is in the repository that it was pushed to, and in no other': (given) => {
    const { image: content, needs } = image(given)
    const unknown = { status: 404, error: 'MANIFEST_UNKNOWN' } as const
    return {
      givenElsewhere: [...needs, content],
      steps: [
        { send: ['GET', `manifests/${content.digest}`], expect: unknown },
        ...pull(content, content.digest).map((step) => ({
          ...step,
          send: [step.send[0], `/v2/${given.other}/${step.send[1]}`] as const,
        })),
      ],
    }
  },
  'a tag that was never pushed is not found': refused('missing', 404, 'MANIFEST_UNKNOWN'),
  'a digest that was never pushed is not found': (given) =>
    refused(given.make.digest(Buffer.from('never')), 404, 'MANIFEST_UNKNOWN')(given),
  'a digest that is none is refused': refused('sha256:baddigeststring', 400, 'DIGEST_INVALID'),
  'a digest of an algorithm that is not known is refused': refused(
    `blake3:${'0'.repeat(64)}`,
    400,
    'DIGEST_INVALID',
  ),
  'a manifest of a repository that nobody has is not found': (given) => ({
    steps: [
      {
        send: ['GET', `/v2/${given.other}/manifests/latest`],
        expect: { status: 404, error: 'MANIFEST_UNKNOWN' },
      },
    ],
  }),
}

runSection('§Pulling manifests', section)
