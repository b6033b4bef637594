// A client that pushes as many do at once, and writes down what it was told: what got its 201 must be
// there whatever happens to the server from then on.

import { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import type { PushedBlob, TortureImage } from './torture-images.ts'

export interface Answer {
  readonly status: number
  readonly location: string
  readonly range: string
  readonly bytes: Buffer
}

/** Asks our server; rejects when the connection breaks. */
export type Ask = (method: string, path: string, sent?: Sent) => Promise<Answer>

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | Readable
}

/** An upload of which the client knows, and which hasn't come to its end. */
export interface OpenUpload {
  readonly repository: string
  readonly blob: PushedBlob
  /** Where it goes on. */
  readonly path: string
  /** Bytes that the server said it has. */
  acknowledgedBytes: number
  /** Its end was asked for. */
  isEnding: boolean
}

export interface PushRecord {
  readonly image: TortureImage
  /** Those that the repository was said to have. */
  readonly blobs: Set<PushedBlob>
  readonly uploads: Set<OpenUpload>
  isAcknowledged: boolean
  /** Anything that no client would expect. */
  surprise?: string
}

/** How a client sends a blob; what it does is a valid push each time. */
export const styles = ['whole', 'put', 'chunks', 'streamed', 'mount'] as const
export type Style = (typeof styles)[number]

export const openConnections = (url: string): { ask: Ask; close: () => Promise<void> } => {
  const dispatcher = new Agent({ connections: null, pipelining: 1 })
  const ask: Ask = async (method, path, { headers = {}, body = null as never } = {}) => {
    const options = { dispatcher, method: method as 'GET', headers, body }
    const answer = await request(new URL(path, url), options)
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    const { location, range } = answer.headers
    return { status: answer.statusCode, location: `${location}`, range: `${range}`, bytes }
  }
  return { ask, close: () => dispatcher.destroy() }
}

/** Pushes until it is done or the connection breaks; never rejects. */
export const push = async (ask: Ask, image: TortureImage): Promise<PushRecord> => {
  const record: PushRecord = { image, blobs: new Set(), uploads: new Set(), isAcknowledged: false }
  try {
    await Promise.all(
      image.blobs.map((blob, i) => pushBlob({ ask, record }, blob, styleOf(image, i))),
    )
    const { repository, tag, manifest } = image
    const headers = { 'content-type': image.mediaType }
    const path = `/v2/${repository}/manifests/${tag}?tag=latest`
    expectStatus(await ask('PUT', path, { headers, body: manifest }), 201, `PUT ${path}`)
    record.isAcknowledged = true
  } catch (error) {
    if (error instanceof UnexpectedAnswer) record.surprise = error.message
  }
  return record
}

/** The first of a connection that broke. */
const styleOf = ({ style }: TortureImage, position: number): Style =>
  styles[(style + position) % styles.length] ?? 'put'

type Push = { readonly ask: Ask; readonly record: PushRecord }

const pushBlob = async (push: Push, blob: PushedBlob, style: Style): Promise<void> => {
  const { ask, record } = push
  const { repository, mountFrom } = record.image
  const uploads = `/v2/${repository}/blobs/uploads/`
  if (style === 'whole') {
    const path = `${uploads}?digest=${blob.digest}`
    expectStatus(await ask('POST', path, { body: blob.bytes }), 201, `POST ${path}`)
    record.blobs.add(blob)
    return
  }
  const query = style === 'mount' ? `?mount=${blob.digest}&from=${mountFrom}` : ''
  const begun = await ask('POST', uploads + query)
  if (begun.status === 201 && style === 'mount') {
    record.blobs.add(blob)
    return
  }
  expectStatus(begun, 202, `POST ${uploads}`)
  const upload = { repository, blob, path: begun.location, acknowledgedBytes: 0, isEnding: false }
  record.uploads.add(upload)
  if (style === 'chunks') await sendInChunks(ask, upload)
  if (style === 'streamed') await sendStreamed(ask, upload)
  await finish(ask, record, upload)
}

const sendInChunks = async (ask: Ask, upload: OpenUpload): Promise<void> => {
  const { bytes } = upload.blob
  const chunkBytes = Math.ceil(bytes.length / 3)
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    const body = bytes.subarray(start, start + chunkBytes)
    const headers = { 'content-range': `${start}-${start + body.length - 1}` }
    const what = `PATCH ${upload.path}`
    expectStatus(await ask('PATCH', upload.path, { headers, body }), 202, what)
    upload.acknowledgedBytes = start + body.length
  }
}

/** As docker does: nobody says how much it will be. */
const sendStreamed = async (ask: Ask, upload: OpenUpload): Promise<void> => {
  const { bytes } = upload.blob
  const half = bytes.length >> 1
  const body = Readable.from([bytes.subarray(0, half), bytes.subarray(half)])
  expectStatus(await ask('PATCH', upload.path, { body }), 202, `PATCH ${upload.path}`)
  upload.acknowledgedBytes = bytes.length
}

/** Sends what the server hasn't got, and ends the upload. */
export const finish = async (ask: Ask, record: PushRecord, upload: OpenUpload): Promise<void> => {
  const { blob, acknowledgedBytes } = upload
  upload.isEnding = true
  const path = `${upload.path}?digest=${blob.digest}`
  const body = blob.bytes.subarray(acknowledgedBytes)
  expectStatus(await ask('PUT', path, { body }), 201, `PUT ${path}`)
  record.uploads.delete(upload)
  record.blobs.add(blob)
}

class UnexpectedAnswer extends Error {}

const expectStatus = ({ status, bytes }: Answer, wanted: number, what: string): void => {
  if (status !== wanted) throw new UnexpectedAnswer(`${what} was answered with ${status}: ${bytes}`)
}
