import { digestOf } from '../../../src/oci/digest.ts'
import type { ErrorCode } from '../../../src/oci/error-code.ts'
import type { Given, Section, Step } from './case.ts'
import { tagged } from './content.ts'
import { runSection } from './run-section.ts'

const removed: Step['expect'] = { status: 202, headers: { 'X-Entrepot-Cache': 'hosted' } }

function remove(path: string, expect = removed): Step {
  return { send: ['DELETE', path], expect }
}

/** Asked for more than once, on connections of their own: every thread knows it. */
function missing(path: string, error: ErrorCode): Step[] {
  const expect = { status: 404, error }
  return [1, 2, 3].flatMap(() => [
    { send: ['GET', path], expect },
    { send: ['HEAD', path], expect: { status: 404, body: Buffer.alloc(0) } },
  ])
}

function there(path: string): Step[] {
  return [1, 2, 3].map(() => ({ send: ['GET', path], expect: { status: 200 } }))
}

function image({ make }: Given) {
  const layer = make.blob('layer')
  return { layer, content: make.image([layer]), needs: [make.config, layer] }
}

const section: Section = {
  'a tag that is removed is gone at once, and its manifest stays': (given) => {
    const { content, needs } = image(given)
    const digest = digestOf(content.bytes)
    return {
      given: [...needs, tagged(content, 'v1'), tagged(content, 'v2')],
      steps: [
        ...there('manifests/v1'),
        remove('manifests/v1'),
        ...missing('manifests/v1', 'MANIFEST_UNKNOWN'),
        ...there('manifests/v2'),
        ...there(`manifests/${digest}`),
      ],
    }
  },
  'a manifest that is removed is gone at once, and its tags with it': (given) => {
    const { content, needs } = image(given)
    const digest = digestOf(content.bytes)
    return {
      given: [...needs, tagged(content, 'v1'), tagged(content, 'v2')],
      steps: [
        ...there(`manifests/${digest}`),
        ...there('manifests/v1'),
        remove(`manifests/${digest}`),
        ...missing(`manifests/${digest}`, 'MANIFEST_UNKNOWN'),
        ...missing('manifests/v1', 'MANIFEST_UNKNOWN'),
        ...missing('manifests/v2', 'MANIFEST_UNKNOWN'),
      ],
    }
  },
  'a manifest that was pushed by its digest is removed by it': (given) => {
    const { content, needs } = image(given)
    const path = `manifests/${content.digest}`
    return {
      given: [...needs, content],
      steps: [...there(path), remove(path), ...missing(path, 'MANIFEST_UNKNOWN')],
    }
  },
  'what is removed twice is not found': (given) => {
    const { content, needs, layer } = image(given)
    const unknown = (error: ErrorCode) => ({ status: 404, error })
    return {
      given: [...needs, content, tagged(content, 'v1')],
      steps: [
        remove('manifests/v1'),
        remove('manifests/v1', unknown('MANIFEST_UNKNOWN')),
        remove(`manifests/${content.digest}`),
        remove(`manifests/${content.digest}`, unknown('MANIFEST_UNKNOWN')),
        remove(`blobs/${layer.digest}`),
        remove(`blobs/${layer.digest}`, unknown('BLOB_UNKNOWN')),
      ],
    }
  },
  'a blob that is removed is gone at once': (given) => {
    const { layer, needs } = image(given)
    const path = `blobs/${layer.digest}`
    return {
      given: needs,
      steps: [...there(path), remove(path), ...missing(path, 'BLOB_UNKNOWN')],
    }
  },
  'a blob that is removed stays in other repositories': (given) => {
    const { layer, needs } = image(given)
    const path = `blobs/${layer.digest}`
    return {
      given: needs,
      givenElsewhere: needs,
      steps: [
        remove(path),
        ...missing(path, 'BLOB_UNKNOWN'),
        ...there(`/v2/${given.other}/${path}`),
      ],
    }
  },
  'what was removed can be pushed again': (given) => {
    const { content, needs, layer } = image(given)
    const path = `manifests/${content.digest}`
    const again = { 'content-type': content.mediaType }
    const upload = `blobs/uploads/?digest=${layer.digest}`
    return {
      given: [...needs, content],
      steps: [
        remove(path),
        remove(`blobs/${layer.digest}`),
        { send: ['POST', upload], body: layer.bytes, expect: { status: 201, stored: layer } },
        {
          send: ['PUT', path],
          headers: again,
          body: content.bytes,
          expect: { status: 201, stored: content },
        },
        ...there(path),
      ],
    }
  },
  'a digest that is none is refused': () => {
    const bad = { status: 400, error: 'DIGEST_INVALID' } as const
    return {
      steps: [
        remove('manifests/sha256:baddigeststring', bad),
        remove('blobs/sha256:baddigeststring', bad),
      ],
    }
  },
  'what was never pushed is not found': ({ make }) => {
    const digest = make.digest(Buffer.from('never'))
    return {
      steps: [
        remove(`manifests/${digest}`, { status: 404, error: 'MANIFEST_UNKNOWN' }),
        remove('manifests/never', { status: 404, error: 'MANIFEST_UNKNOWN' }),
        remove(`blobs/${digest}`, { status: 404, error: 'BLOB_UNKNOWN' }),
      ],
    }
  },
}

runSection('§Content Management', section)
