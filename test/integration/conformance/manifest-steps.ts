import { digestOf } from '../../../src/oci/digest.ts'
import type { Case, Given, Step } from './case.ts'
import { type Content, describeContent } from './content.ts'

type PutOptions = {
  /** Its digest, unless this is said. */
  readonly reference?: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly expect?: Partial<Step['expect']>
}

/** A tag names a manifest by its digest of sha256 alone. */
export function byTag(content: Content): Content {
  return { ...content, digest: digestOf(content.bytes) }
}

export function put(
  content: Content,
  { reference, query = '', headers, expect }: PutOptions = {},
): Step {
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

export function pulled(content: Content, reference = content.digest): Step[] {
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
export const pushing =
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

export function refuse(
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

export function image({ make }: Given, details: object = {}): Push & { needs: readonly Content[] } {
  const layers = [make.blob('layer 1'), make.blob('layer 2')]
  return { content: make.image(layers, details), needs: [make.config, ...layers] }
}

export const platforms = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
]

export function index(
  { make }: Given,
  details: object = {},
  what = '',
): Push & { needs: Content[] } {
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

export function subjectOf(content: Content) {
  return { subject: describeContent(content) }
}
