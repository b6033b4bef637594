import { location, type Section } from './case.ts'
import { runSection } from './run-section.ts'
import {
  accepted,
  begin,
  failing,
  gone,
  patch,
  pushing,
  put,
  sessionHeaders,
  taken,
  uploads,
} from './upload-steps.ts'

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
    steps: [
      {
        send: ['GET', uploads],
        expect: { status: 405, error: 'UNSUPPORTED', headers: { Allow: 'POST' } },
      },
    ],
  }),
}

runSection('§Pushing a blob in chunks: sessions', sessions)
