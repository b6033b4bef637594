import type { Case, Given, Section } from './case.ts'
import { describeContent, types } from './content.ts'
import { image, index, refuse } from './manifest-steps.ts'
import { runSection } from './run-section.ts'

const wrongDigests: Section = {
  'a digest that is not its own is refused': (given) => {
    const { content, needs } = image(given)
    const other = { ...content, bytes: Buffer.concat([content.bytes, Buffer.from('  ')]) }
    const send = ['PUT', `manifests/${content.digest}`] as const
    const headers = { 'content-type': types.manifest }
    const expect = { status: 400, error: 'DIGEST_INVALID' } as const
    return {
      given: needs,
      steps: [
        { send, headers, body: other.bytes, expect },
        { send: ['GET', `manifests/${content.digest}`], expect: { status: 404 } },
      ],
    }
  },
  'a digest that is none is refused': (given) => {
    const { content, needs } = image(given)
    const expect = { status: 400, error: 'DIGEST_INVALID' } as const
    const send = (digest: string) => ['PUT', `manifests/${digest}`] as const
    return {
      given: needs,
      steps: ['sha256:baddigeststring', `blake3:${'0'.repeat(64)}`].map((digest) => ({
        send: send(digest),
        body: content.bytes,
        expect,
      })),
    }
  },
}

const incomplete: Section = {
  'a layer that is missing is named': (given) => {
    const { content, needs } = image(given)
    return { given: needs.slice(0, 2), steps: refuse(content, 'MANIFEST_BLOB_UNKNOWN', 404) }
  },
  'a config that is missing is named': ({ make }) => {
    const layer = make.blob('layer')
    const content = make.image([layer], {}, make.blob('config', 100, types.config))
    return { given: [layer], steps: refuse(content, 'MANIFEST_BLOB_UNKNOWN', 404) }
  },
  'an image of an index that is missing is named': (given) => {
    const { content, needs } = index(given)
    return { given: needs.slice(0, -1), steps: refuse(content, 'MANIFEST_BLOB_UNKNOWN', 404) }
  },
  'an image in another repository is missing in this': (given) => {
    const { content, needs } = image(given)
    return { givenElsewhere: needs, steps: refuse(content, 'MANIFEST_BLOB_UNKNOWN', 404) }
  },
  'a descriptor with another size than its content is refused': ({ make }) => {
    const layer = make.blob('layer')
    const layers = [{ ...describeContent(layer), size: layer.bytes.length + 1 }]
    return {
      given: [make.config, layer],
      steps: refuse(make.image([], { layers }), 'MANIFEST_INVALID', 400),
    }
  },
}

const refusing =
  (document: string | Buffer | object) =>
  ({ make }: Given): Omit<Case, 'name'> => {
    const isText = typeof document === 'string' || Buffer.isBuffer(document)
    const whole = { schemaVersion: 2, mediaType: types.manifest, ...(document as object) }
    const content = isText ? make.manifestFrom(document) : make.manifestOf(whole)
    return { steps: refuse(content, 'MANIFEST_INVALID', 400) }
  }

const malformed: Section = Object.fromEntries(
  Object.entries({
    'what is no JSON': 'no JSON',
    'what is cut off': '{"schemaVersion":2,"layers":[',
    'nothing at all': '',
    'a list': '[]',
    null: 'null',
    'what is not UTF-8': Buffer.from('{"schemaVersion":2,"layers":[],"a":"\xff"}', 'latin1'),
    'an object without anything': '{}',
    'schema 1': '{"schemaVersion":1,"fsLayers":[]}',
    'an image without config': { layers: [] },
    'a config that is none': { config: 'sha256:abc', layers: [] },
    'layers that are no list': { config: null, layers: {} },
    'an image and an index at once': { layers: [], manifests: [] },
    'a list of a hundred thousand that are nothing': `{"schemaVersion":2,"manifests":[${'{},'.repeat(99_999)}{}]}`,
    'a thousand brackets': '['.repeat(1000) + ']'.repeat(1000),
    'a million brackets': '['.repeat(1_000_000),
  }).map(([what, document]) => [`${what} is refused`, refusing(document)]),
)

runSection('§Pushing Manifests: wrong digests', wrongDigests)
runSection('§Pushing Manifests: what it needs', incomplete)
runSection('§Pushing Manifests: what is none', malformed)
