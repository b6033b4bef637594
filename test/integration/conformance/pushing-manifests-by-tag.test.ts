import type { Section } from './case.ts'
import { types } from './content.ts'
import { byTag, image, index, pulled, put, refuse } from './manifest-steps.ts'
import { runSection } from './run-section.ts'

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
  'a ?tag= that is given twice is named once': (given) => {
    const { content, needs } = image(given)
    const headers = { 'OCI-Tag': 'a, b' }
    const query = '?tag=a&tag=b&tag=a'
    return {
      given: needs,
      steps: [put(content, { query, expect: { headers } }), ...pulled(content, 'b')],
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

runSection('§Pushing Manifests: tags', tags)
runSection('§Pushing Manifests: Content-Type', contentTypes)
