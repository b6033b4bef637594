import { expect } from 'vitest'
import { type ErrorCode, errorCodes } from '../../../src/oci/error-code.ts'
import type { Given, Section, Step } from './case.ts'
import { runSection } from './run-section.ts'

type Failing = {
  readonly status: number
  readonly step: (given: Given) => Pick<Step, 'send' | 'body' | 'headers'>
}

const never = ({ make }: Given) => make.digest(Buffer.from('never'))

/** What leads to each, of those that this server has (UNAUTHORIZED and TOOMANYREQUESTS are not its own). */
const failing: Partial<Readonly<Record<ErrorCode, Failing>>> = {
  BLOB_UNKNOWN: { status: 404, step: (given) => ({ send: ['GET', `blobs/${never(given)}`] }) },
  BLOB_UPLOAD_INVALID: {
    status: 416,
    step: () => ({
      send: ['PATCH', 'blobs/uploads/none'],
      headers: { 'content-range': 'none' },
      body: 'x',
    }),
  },
  BLOB_UPLOAD_UNKNOWN: { status: 404, step: () => ({ send: ['GET', 'blobs/uploads/none'] }) },
  DIGEST_INVALID: {
    status: 400,
    step: (given) => ({ send: ['PUT', `manifests/${never(given)}`], body: '{"manifests":[]}' }),
  },
  MANIFEST_BLOB_UNKNOWN: {
    status: 404,
    step: ({ make }) => {
      const { bytes } = make.image([make.blob('never')])
      return { send: ['PUT', 'manifests/v1'], body: bytes }
    },
  },
  MANIFEST_INVALID: { status: 400, step: () => ({ send: ['PUT', 'manifests/v1'], body: '{}' }) },
  MANIFEST_UNKNOWN: { status: 404, step: () => ({ send: ['GET', 'manifests/never'] }) },
  NAME_INVALID: { status: 400, step: () => ({ send: ['GET', '/v2/NOT/A/NAME/tags/list'] }) },
  NAME_UNKNOWN: { status: 404, step: () => ({ send: ['GET', '/v2/nobody/has/it/tags/list'] }) },
  SIZE_INVALID: {
    status: 400,
    step: () => ({
      send: ['PATCH', 'blobs/uploads/none'],
      headers: { 'content-range': '0-9' },
      body: 'x',
    }),
  },
  DENIED: { status: 403, step: () => ({ send: ['POST', '/v2/library/app/blobs/uploads/'] }) },
  UNSUPPORTED: { status: 405, step: () => ({ send: ['PUT', 'tags/list'], body: '{}' }) },
}

const section: Section = Object.fromEntries(
  Object.entries(failing).map(([code, { status, step }]) => {
    const error = code as ErrorCode
    const headers = { 'Content-Type': 'application/json', 'Content-Length': /^\d+$/ }
    const json = {
      errors: [
        { code, message: expect.stringMatching(/.{10}/), detail: errorCodes[error].message },
      ],
    }
    const name = `${code} is told with ${status}, a message and a detail`
    return [
      name,
      (given: Given) => ({ steps: [{ ...step(given), expect: { status, error, headers, json } }] }),
    ]
  }),
)

runSection('§Error Codes', section)
