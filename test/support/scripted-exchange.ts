import type { IncomingHttpHeaders } from 'node:http'

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string
  /** The target as it was sent, with its query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

/** Lets so many bytes through, when it is their turn. */
export type Line = (bytes: number) => Promise<void>

/** What a scripted upstream answers; the body isn't sent to a HEAD. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** The object that was asked for, where the body may be a part of it. */
  readonly whole?: Buffer
  /** Places in the body at which sending waits. */
  readonly pauses?: readonly { readonly afterBytes: number; readonly until: Promise<void> }[]
  /** How fast the body is sent. */
  readonly bytesPerSecond?: number
  /** What all answers on the same line share, in turns. */
  readonly line?: Line
  /** How much of the body is sent before the connection breaks. */
  readonly cutAfterBytes?: number
  /** Whether more bytes follow the body for as long as somebody takes them. */
  readonly isEndless?: boolean
  /** Whether the connection breaks before anything is sent. */
  readonly isHungUp?: boolean
}

export const withHeaders = (answer: Answer, headers: Readonly<Record<string, string>>): Answer => ({
  ...answer,
  headers: { ...answer.headers, ...headers },
})
