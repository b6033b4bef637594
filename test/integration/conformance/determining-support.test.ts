import { runSection } from './run-section.ts'

const answer = { status: 200, headers: { 'Content-Type': 'application/json' } }

runSection('§Determining Support', {
  'GET /v2/ says that the specification is implemented': () => ({
    steps: [{ send: ['GET', '/v2/'], expect: { ...answer, json: {} } }],
  }),
  'HEAD /v2/ says the same without a body': () => ({
    steps: [{ send: ['HEAD', '/v2/'], expect: { ...answer, body: Buffer.alloc(0) } }],
  }),
  'GET /v2 without the slash is answered, not redirected': () => ({
    steps: [
      { send: ['GET', '/v2'], expect: { ...answer, headers: { Location: undefined }, json: {} } },
    ],
  }),
  'what is no method of it is refused, with those that are': () => ({
    steps: [
      {
        send: ['POST', '/v2/'],
        expect: { status: 405, error: 'UNSUPPORTED', headers: { Allow: 'GET, HEAD' } },
      },
    ],
  }),
})
