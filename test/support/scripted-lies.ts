// Answers that look right and aren't: about their length, their range, their type, or themselves.

import { answerJson } from './scripted-answer.ts'
import { redirectTo } from './scripted-behaviour.ts'
import { type Answer, type ReceivedRequest, withHeaders } from './scripted-exchange.ts'
import { answerObject } from './scripted-range.ts'
import type { Behaviour } from './scripted-upstream.ts'

/** The whole object with 200, whatever part was asked for. */
export const ignoreRange: Behaviour = (usual, request) =>
  answerOther(usual.whole ?? usual.body, usual, { ...request, headers: {} })

/**
 * Another length than the body has. After a body that is shorter the connection breaks; more than
 * what is claimed is sent all the same.
 */
export const claimLength =
  (length: number): Behaviour =>
  (usual) => {
    const claiming = withHeaders(usual, { 'content-length': String(length) })
    return length > usual.body.length
      ? { ...claiming, cutAfterBytes: usual.cutAfterBytes ?? usual.body.length }
      : claiming
  }

export const claimType = (mediaType: string): Behaviour => claim('content-type', mediaType)

export const wrongDigestHeader = (digest: string): Behaviour =>
  claim('docker-content-digest', digest)

/** Each redirect leads to the same place, at an address that wasn't seen before. */
export const redirectInCircle: Behaviour = (usual, request) => {
  const { pathname, searchParams } = new URL(request.url, 'http://upstream')
  const turn = Number(searchParams.get('turn') ?? 0) + 1
  return redirectTo(`${pathname}?turn=${turn}`)(usual, request)
}

/** Sends whoever asks to another host for a token. */
export const challengeWithRealm =
  (url: string): Behaviour =>
  () =>
    withHeaders(answerJson({ errors: [{ code: 'UNAUTHORIZED', message: 'scripted' }] }, 401), {
      'www-authenticate': `Bearer realm="${url}",service="scripted"`,
    })

/** The object ends early, and its length and its ranges agree with that. */
export const truncateTo =
  (bytes: number): Behaviour =>
  (usual, request) =>
    isRefusal(usual)
      ? usual
      : answerOther((usual.whole ?? usual.body).subarray(0, bytes), usual, request)

/** Another object in the place of this one, whole or in parts; its digest header stays. */
export const changeTo =
  (bytes: Buffer): Behaviour =>
  (usual, request) =>
    answerOther(bytes, usual, request)

/** The body, and then more for as long as somebody takes it; no length says so before. */
export const endless: Behaviour = (usual) => {
  const { 'content-length': _, ...headers } = usual.headers
  return { ...usual, headers, isEndless: true }
}

const claim =
  (name: string, value: string): Behaviour =>
  (usual) =>
    withHeaders(usual, { [name]: value })

/** A part that lies beyond its object is an answer about the object; an error isn't. */
const isRefusal = ({ status, whole }: Answer): boolean => status >= 400 && whole === undefined

const answerOther = (whole: Buffer, usual: Answer, request: ReceivedRequest): Answer => {
  const { 'content-range': _, ...headers } = usual.headers
  return answerObject(whole, request, headers)
}
