import type { DigestAlgorithm } from '../../../src/oci/digest.ts'
import type { ErrorCode } from '../../../src/oci/error-code.ts'
import type { Content, ContentMaker } from './content.ts'

/**
 * Where the last Location leads, or the last of a session; with what is added to its query, or as if it
 * were another repository's.
 */
export type AtLocation = {
  readonly at: 'location' | 'session'
  readonly query?: string
  readonly from?: string
}

/** Below `/v2/<the case's repository>`, unless it begins with `/v2`. */
export type Path = string | AtLocation

export type Expected = {
  readonly status: number
  /** Exactly so, or as the pattern has it; undefined where the header mustn't be there. */
  readonly headers?: Readonly<Record<string, string | RegExp | undefined>>
  /** Of the first error. */
  readonly error?: ErrorCode
  readonly body?: Uint8Array
  readonly json?: unknown
  /** What is there when its Location is asked for. */
  readonly stored?: Content
}

export type Step = {
  readonly send: readonly [method: string, path: Path]
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** In chunks, without Content-Length (RFC 9112 §7.1). */
  readonly isChunked?: boolean
  readonly expect: Expected
}

export type Case = {
  /** A rule of the spec. */
  readonly name: string
  /** What the repository has before it. */
  readonly given?: readonly Content[]
  /** What another repository has, whose name is `other`. */
  readonly givenElsewhere?: readonly Content[]
  readonly steps: readonly Step[]
}

export type Given = {
  readonly algorithm: DigestAlgorithm
  readonly make: ContentMaker
  /** The case's repository, and another. */
  readonly repository: string
  readonly other: string
}

/** Named, so that each gets a repository and contents of its own before the case is made. */
export type CaseMaker = (given: Given) => Omit<Case, 'name'>
export type Section = Readonly<Record<string, CaseMaker>>

export function location(query?: string): AtLocation {
  return { at: 'location', ...(query !== undefined && { query }) }
}
