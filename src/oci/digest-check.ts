import { createHash, type Hash } from 'node:crypto'
import { type Digest, digestAlgorithm } from './digest.ts'

/** Hashes content as it comes, and says at its end whether it is what a digest names. */
export class DigestCheck {
  readonly #digest: Digest
  #hash: Hash

  constructor(digest: Digest) {
    this.#digest = digest
    this.#hash = createHash(digestAlgorithm(digest))
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes)
  }

  /** One that has seen the same bytes and goes its own way from here. Not after `verify`. */
  copy(): DigestCheck {
    const copy = new DigestCheck(this.#digest)
    copy.#hash = this.#hash.copy()
    return copy
  }

  /** Throws DigestMismatchError. Nothing may be added afterwards. */
  verify(): void {
    const hex = this.#hash.digest('hex')
    const actual = `${digestAlgorithm(this.#digest)}:${hex}` as Digest
    if (actual !== this.#digest) throw new DigestMismatchError(this.#digest, actual)
  }
}

export class DigestMismatchError extends Error {
  override readonly name = 'DigestMismatchError'
  readonly expected: Digest
  readonly actual: Digest

  constructor(expected: Digest, actual: Digest) {
    super(`expected ${expected}, found ${actual}`)
    this.expected = expected
    this.actual = actual
  }
}
