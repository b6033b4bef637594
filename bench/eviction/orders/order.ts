import type { Thing } from '../demands.ts'

/**
 * Decides which of the kept things goes next. It doesn't know whether they are blobs or images.
 * `at` is how many requests came before.
 */
export interface Order {
  /** It came in, or was used again. */
  use(thing: Thing, at: number): void
  /** What goes next: it stays until it is removed. Undefined of nothing. */
  victim(at: number): Thing | undefined
  /** It went; nothing happens if it wasn't there. */
  remove(thing: Thing): void
  /** Of what isn't kept: is it worth the room? Without this, everything is. */
  admits?(at: number): boolean
}
