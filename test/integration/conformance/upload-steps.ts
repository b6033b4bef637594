import { type Case, type Given, location, type Step } from './case.ts'
import type { Content } from './content.ts'

export const uploads = 'blobs/uploads/'
export const octets = { 'content-type': 'application/octet-stream' }

export const sessionHeaders = {
  Location: /^\/v2\/.+\/blobs\/uploads\/[0-9a-f-]+$/,
  'Docker-Upload-UUID': /^[0-9a-f-]{36,}$/,
  'X-Entrepot-Cache': 'hosted',
}

export const begin: Step = {
  send: ['POST', uploads],
  expect: { status: 202, headers: { ...sessionHeaders, Range: '0-0', 'Content-Length': '0' } },
}

export function taken(stored: Content): Step['expect'] {
  const headers = {
    Location: new RegExp(`/blobs/${stored.digest}$`),
    'Docker-Content-Digest': stored.digest,
    'Content-Length': '0',
  }
  return { status: 201, headers, stored }
}

export function accepted(bytes: number): Step['expect'] {
  return { status: 202, headers: { ...sessionHeaders, Range: `0-${Math.max(0, bytes - 1)}` } }
}

/** What a session holds after a step that didn't go well. */
export function state(bytes: number): Step {
  const headers = { ...sessionHeaders, Range: `0-${Math.max(0, bytes - 1)}` }
  return { send: ['GET', location()], expect: { status: 204, headers } }
}

export function patch(body: Uint8Array, range: string | undefined, expect: Step['expect']): Step {
  const headers = { ...octets, ...(range !== undefined && { 'content-range': range }) }
  return { send: ['PATCH', location()], headers, body, expect }
}

export function put(blob: Content, body: Uint8Array | undefined, expect: Step['expect']): Step {
  const send = ['PUT', location(`digest=${blob.digest}`)] as const
  return { send, headers: octets, ...(body && { body }), expect }
}

/** `size` bytes in chunks of `of`, each with its range. */
export function chunksOf({ bytes }: Content, of: number): Step[] {
  const steps: Step[] = []
  for (let start = 0; start < bytes.length; start += of) {
    const chunk = bytes.subarray(start, start + of)
    const end = start + chunk.length
    steps.push(patch(chunk, `${start}-${end - 1}`, accepted(end)))
  }
  return steps
}

/** Pulled whole from its repository. */
export function pulled(blob: Content): Step[] {
  const send = (method: string) => [method, `blobs/${blob.digest}`] as const
  const headers = { 'Content-Length': `${blob.bytes.length}`, 'Docker-Content-Digest': blob.digest }
  return [
    { send: send('HEAD'), expect: { status: 200, headers } },
    { send: send('GET'), expect: { status: 200, headers, body: blob.bytes } },
  ]
}

export const refused = (
  error: NonNullable<Step['expect']['error']>,
  status = 400,
): Step['expect'] => ({
  status,
  error,
})

export const pushing =
  (stepsOf: (blob: Content, given: Given) => readonly Step[], size = 512) =>
  (given: Given): Omit<Case, 'name'> => {
    const blob = given.make.blob('blob', size)
    return { steps: [...stepsOf(blob, given), ...pulled(blob)] }
  }

/** The blob isn't there afterwards, and the session has `left` bytes, unless it is gone. */
export const failing =
  (stepsOf: (blob: Content, given: Given) => readonly Step[], left?: number) =>
  (given: Given): Omit<Case, 'name'> => {
    const blob = given.make.blob('blob')
    const steps = [...stepsOf(blob, given)]
    if (left !== undefined) steps.push(state(left))
    const missing = { status: 404, error: 'BLOB_UNKNOWN' } as const
    steps.push({ send: ['GET', `blobs/${blob.digest}`], expect: missing })
    return { steps }
  }

export const wrong = Buffer.from('not what the digest says')
export const gone: Step['expect'] = { status: 404, error: 'BLOB_UPLOAD_UNKNOWN' }
