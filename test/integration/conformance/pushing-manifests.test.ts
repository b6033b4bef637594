import { digestOf } from '../../../src/oci/digest.ts'
import type { Case, Given, Section, Step } from './case.ts'
import { type Content, describeContent, types } from './content.ts'
import { runSection } from './run-section.ts'

type PutOptions = {
  /** Its digest, unless this is said. */
  readonly reference?: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly expect?: Partial<Step['expect']>
}

/** A tag names a manifest by its digest of sha256 alone. */
function byTag(content: Content): Content {
  return { ...content, digest: digestOf(content.bytes) }
}

function put(content: Content, { reference, query = '', headers, expect }: PutOptions = {}): Step {
  const stored = reference === undefined ? content : byTag(content)
  const wanted = {
    Location: new RegExp(`/manifests/${stored.digest}$`),
    'Docker-Content-Digest': stored.digest,
    'OCI-Tag': undefined,
    'OCI-Subject': undefined,
    'Content-Length': '0',
  }
  return {
    send: ['PUT', `manifests/${reference ?? content.digest}${query}`],
    headers: { 'content-type': content.mediaType, ...headers },
    body: content.bytes,
    expect: { status: 201, stored, ...expect, headers: { ...wanted, ...expect?.headers } },
  }
}

function pulled(content: Content, reference = content.digest): Step[] {
  const headers = { 'Content-Type': content.mediaType, 'Content-Length': `${content.bytes.length}` }
  return [
    { send: ['HEAD', `manifests/${reference}`], expect: { status: 200, headers } },
    {
      send: ['GET', `manifests/${reference}`],
      expect: { status: 200, headers, body: content.bytes },
    },
  ]
}

type Push = {
  readonly content: Content
  readonly needs?: readonly Content[]
  readonly expect?: Partial<Step['expect']>
}

/** By digest and by tag, with and without a length. */
const pushing =
  (pushOf: (given: Given) => Push) =>
  (given: Given): Omit<Case, 'name'> => {
    const { content, needs = [], expect = {} } = pushOf(given)
    return {
      given: needs,
      steps: [
        put(content, { expect }),
        ...pulled(content),
        { ...put(content, { reference: 'v1', expect }), isChunked: true },
        ...pulled(content, 'v1'),
      ],
    }
  }

function refuse(
  content: Content,
  error: NonNullable<Step['expect']['error']>,
  status: number,
): Step[] {
  const send = (method: string, reference: string) => [method, `manifests/${reference}`] as const
  const headers = { 'content-type': content.mediaType }
  const expect = { status, error }
  const unknown = { status: 404, error: 'MANIFEST_UNKNOWN' } as const
  return [
    { send: send('PUT', 'v1'), headers, body: content.bytes, expect },
    { send: send('PUT', content.digest), headers, body: content.bytes, expect },
    { send: send('GET', 'v1'), expect: unknown },
    { send: send('GET', content.digest), expect: unknown },
  ]
}

function image({ make }: Given, details: object = {}): Push & { needs: readonly Content[] } {
  const layers = [make.blob('layer 1'), make.blob('layer 2')]
  return { content: make.image(layers, details), needs: [make.config, ...layers] }
}

const platforms = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
]

function index({ make }: Given, details: object = {}, what = ''): Push & { needs: Content[] } {
  const layer = make.blob('layer')
  const images = platforms.map((platform) =>
    make.image([layer], { annotations: { what, ...platform } }),
  )
  const manifests = images.map((content, at) =>
    describeContent(content, { platform: platforms[at] }),
  )
  const content = make.index([], { manifests, ...details })
  return { content, needs: [make.config, layer, ...images] }
}

function subjectOf(content: Content) {
  return { subject: describeContent(content) }
}

const kinds: Section = {
  'an image': pushing((given) => image(given)),
  'an image of uncompressed layers': pushing(({ make }) => {
    const layer = make.blob('layer', 512, 'application/vnd.oci.image.layer.v1.tar')
    return { content: make.image([layer]), needs: [make.config, layer] }
  }),
  'an image of Docker schema 2': pushing((given) =>
    image(given, { mediaType: types.dockerManifest }),
  ),
  'an image without mediaType in its body': pushing((given) =>
    image(given, { mediaType: undefined }),
  ),
  'an image of 3.9 MB of annotations': pushing((given) => {
    const names = Array.from({ length: 390 }, (_, number) => `large-annotation-${number}`)
    const annotations = Object.fromEntries(names.map((name) => [name, 'A'.repeat(10_000)]))
    return image(given, { annotations })
  }),
  'an image of exactly 4 MiB': pushing((given) => {
    const bare = image(given, { annotations: { fill: '' } })
    const fill = 'x'.repeat(4 * 1024 * 1024 - bare.content.bytes.length)
    return image(given, { annotations: { fill } })
  }),
  'an index': pushing((given) => index(given)),
  'an index of indexes': pushing((given) => {
    const parts = [index(given, {}, 'first'), index(given, {}, 'second')]
    const contents = parts.map(({ content }) => content)
    const needs = parts.flatMap((part) => [...part.needs, part.content])
    return { content: given.make.index(contents), needs }
  }),
  'an index of nothing': pushing(({ make }) => ({ content: make.index([]) })),
  'a list of Docker': pushing((given) => index(given, { mediaType: types.dockerList })),
  'an artifact': pushing(({ make }) => {
    const layer = make.blob('thing', 512, types.example)
    const content = make.image([layer], { artifactType: types.example }, make.empty)
    return { content, needs: [make.empty, layer] }
  }),
  'an artifact whose layer is its config, the empty object': pushing(({ make }) => ({
    content: make.image([make.empty], { artifactType: types.example }, make.empty),
    needs: [make.empty],
  })),
  'an index of artifacts': pushing((given) => index(given, { artifactType: types.example })),
  'an image without layers': pushing(({ make }) => ({
    content: make.image([]),
    needs: [make.config],
  })),
  'an image whose layers come from elsewhere, and were never pushed': pushing(({ make }) => {
    const nowhere = (mediaType: string) => {
      const missing = make.blob(mediaType, 100, mediaType)
      return describeContent(missing, { urls: ['https://store.example.com/a-layer'] })
    }
    const layers = [
      nowhere('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'),
      nowhere('application/vnd.oci.image.layer.nondistributable.v1.tar'),
      nowhere('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'),
      describeContent(make.blob('layer')),
    ]
    return { content: make.image([], { layers }), needs: [make.config, make.blob('layer')] }
  }),
  'descriptors with their data in them': pushing(({ make }) => {
    const data = make.config.bytes.toString('base64')
    const config = describeContent(make.config, { data })
    return { content: make.image([], { config }), needs: [make.config] }
  }),
  'fields that nobody knows': pushing((given) =>
    index(given, { 'org.example.new': { a: [1, null, 'ü'] }, other: false }),
  ),
  'a type that nobody knows': pushing(({ make }) => {
    const mediaType = 'application/vnd.example.new.v7+json'
    return { content: make.manifestOf({ schemaVersion: 2, mediaType, parts: ['a', 1] }) }
  }),
  'fields that are nested fifty deep': pushing(({ make }) => {
    const deep = '['.repeat(50) + ']'.repeat(50)
    const text = make.image([]).bytes.toString().replace(/}$/, `,"deep":${deep}}`)
    return { content: make.manifestFrom(text), needs: [make.config] }
  }),
}

const subjects: Section = {
  'an image with a subject says so': pushing((given) => {
    const { content: subject, needs } = image(given)
    const content = given.make.image([], subjectOf(subject))
    const headers = { 'OCI-Subject': subject.digest }
    return { content, needs: [...needs, subject], expect: { headers } }
  }),
  'an index with a subject says so': pushing((given) => {
    const { content: subject, needs } = index(given)
    const content = given.make.index([], subjectOf(subject))
    const headers = { 'OCI-Subject': subject.digest }
    return { content, needs: [...needs, subject], expect: { headers } }
  }),
  'a subject that is missing may come later': pushing(({ make }) => {
    const missing = make.image([], { annotations: { is: 'missing' } })
    const content = make.image(
      [],
      { artifactType: types.example, ...subjectOf(missing) },
      make.empty,
    )
    const headers = { 'OCI-Subject': missing.digest }
    return { content, needs: [make.empty], expect: { headers } }
  }),
  'a subject that is no descriptor is refused': ({ make }) => ({
    given: [make.config],
    steps: refuse(make.image([], { subject: { digest: 'sha256:bad' } }), 'MANIFEST_INVALID', 400),
  }),
}

const tags: Section = {
  'a tag moves to what is pushed last': (given) => {
    const { content: first, needs } = image(given)
    const { content: second } = image(given, { annotations: { is: 'second' } })
    return {
      given: needs,
      steps: [
        put(first, { reference: 'v1' }),
        ...pulled(first, 'v1'),
        put(second, { reference: 'v1' }),
        ...pulled(second, 'v1'),
        ...pulled(byTag(first)),
      ],
    }
  },
  '?tag= names it besides its digest': (given) => {
    const { content, needs } = image(given)
    const names = ['1.2.3', '1.2', '1', 'latest']
    const headers = { 'OCI-Tag': names.join(', ') }
    const query = `?${names.map((name) => `tag=${name}`).join('&')}`
    return {
      given: needs,
      steps: [
        put(content, { query, expect: { headers } }),
        ...names.flatMap((name) => pulled(content, name)),
      ],
    }
  },
  'fifty of ?tag= are taken at once': (given) => {
    const { content, needs } = image(given)
    const names = Array.from({ length: 50 }, (_, number) => `tag-${number}`)
    const headers = { 'OCI-Tag': names.join(', ') }
    const query = `?${names.map((name) => `tag=${name}`).join('&')}`
    return {
      given: needs,
      steps: [put(content, { query, expect: { headers } }), ...pulled(content, 'tag-49')],
    }
  },
  'a ?tag= that is none is refused, with the others': (given) => {
    const { content, needs } = image(given)
    const expect = { status: 400, error: 'MANIFEST_INVALID' } as const
    const { send, ...step } = put(content, { query: '?tag=good&tag=-bad' })
    return {
      given: needs,
      steps: [
        { ...step, send, expect },
        { send: ['GET', 'manifests/good'], expect: { status: 404 } },
        { send: ['GET', `manifests/${content.digest}`], expect: { status: 404 } },
      ],
    }
  },
}

const contentTypes: Section = {
  'parameters of Content-Type are ignored': (given) => {
    const { content, needs } = image(given)
    const headers = { 'content-type': `${types.manifest}; charset=utf-8` }
    return { given: needs, steps: [put(content, { headers }), ...pulled(content)] }
  },
  'without Content-Type the body says it': (given) => {
    const { content, needs } = index(given)
    const headers = { 'content-type': 'application/octet-stream' }
    return { given: needs, steps: [put(content, { headers }), ...pulled(content)] }
  },
  'a Content-Type that the body contradicts is refused': (given) => {
    const { content, needs } = image(given)
    const steps = refuse({ ...content, mediaType: types.index }, 'MANIFEST_INVALID', 400)
    return { given: needs, steps }
  },
  'an index that is called an image is refused': (given) => {
    const { content, needs } = index(given, { mediaType: undefined })
    const steps = refuse({ ...content, mediaType: types.manifest }, 'MANIFEST_INVALID', 400)
    return { given: needs, steps }
  },
}

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

runSection('§Pushing Manifests', kinds)
runSection('§Pushing Manifests with Subject', subjects)
runSection('§Pushing Manifests: tags', tags)
runSection('§Pushing Manifests: Content-Type', contentTypes)
runSection('§Pushing Manifests: what is none', malformed)
runSection('§Pushing Manifests: wrong digests', wrongDigests)
runSection('§Pushing Manifests: what it needs', incomplete)
