import { type Case, type Given, location, type Section, type Step } from './case.ts'
import type { Content } from './content.ts'
import { runSection } from './run-section.ts'

function taken(stored: Content): Step['expect'] {
  const headers = {
    Location: new RegExp(`/blobs/${stored.digest}$`),
    'Docker-Content-Digest': stored.digest,
  }
  return { status: 201, headers, stored }
}

function mount(query: string, expect: Step['expect']): Step {
  return { send: ['POST', `blobs/uploads/?${query}`], expect }
}

/** A session begins instead, and the blob can be pushed with it. */
const uploaded =
  (queryOf: (digest: string, given: Given) => string) =>
  (given: Given): Omit<Case, 'name'> => {
    const blob = given.make.blob('missing')
    const send = ['PUT', location(`digest=${blob.digest}`)] as const
    const begun = { status: 202, headers: { Range: '0-0', Location: /\/blobs\/uploads\/.+/ } }
    return {
      givenElsewhere: [],
      steps: [
        mount(queryOf(blob.digest, given), begun),
        { send, body: blob.bytes, expect: taken(blob) },
      ],
    }
  }

const section: Section = {
  'a blob of another repository is there at once': ({ make, other }) => {
    const blob = make.blob('mounted')
    return {
      givenElsewhere: [blob],
      steps: [
        { send: ['HEAD', `blobs/${blob.digest}`], expect: { status: 404 } },
        mount(`mount=${blob.digest}&from=${other}`, taken(blob)),
        { send: ['HEAD', `blobs/${blob.digest}`], expect: { status: 200 } },
      ],
    }
  },
  'escapes in the query mean what they stand for': ({ make, other }) => {
    const blob = make.blob('mounted')
    const query = new URLSearchParams({ mount: blob.digest, from: other })
    return { givenElsewhere: [blob], steps: [mount(`${query}`, taken(blob))] }
  },
  'a blob of the same repository': ({ make, repository }) => {
    const blob = make.blob('own')
    return { given: [blob], steps: [mount(`mount=${blob.digest}&from=${repository}`, taken(blob))] }
  },
  'what is mounted stays when its source is removed': ({ make, other }) => {
    const blob = make.blob('mounted')
    return {
      givenElsewhere: [blob],
      steps: [
        mount(`mount=${blob.digest}&from=${other}`, taken(blob)),
        { send: ['DELETE', `/v2/${other}/blobs/${blob.digest}`], expect: { status: 202 } },
        {
          send: ['GET', `blobs/${blob.digest}`],
          expect: { status: 200, body: blob.bytes },
        },
      ],
    }
  },
  'a blob that the source has not begins a session': uploaded(
    (digest, { other }) => `mount=${digest}&from=${other}`,
  ),
  'a source that nobody has begins a session': uploaded(
    (digest) => `mount=${digest}&from=nobody/has/it`,
  ),
  'a source that is no name begins a session': uploaded((digest) => `mount=${digest}&from=Not%20A`),
  'without a source a session begins': uploaded((digest) => `mount=${digest}`),
  'a digest that is none begins a session': uploaded(
    (_, { other }) => `mount=sha256:bad&from=${other}`,
  ),
}

runSection('§Mounting a blob from another repository', section)
