import { createHash, type Hash } from 'node:crypto'
import type { Digest, DigestAlgorithm } from './digest.ts'

/** The digest of content that comes piece by piece, known at any time. */
export class RunningDigest {
  readonly #algorithm: DigestAlgorithm
  readonly #hash: Hash

  constructor(algorithm: DigestAlgorithm, hash: Hash = createHash(algorithm)) {
    this.#algorithm = algorithm
    this.#hash = hash
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes)
  }

  /** One that has seen the same bytes and goes its own way from here. */
  copy(): RunningDigest {
    return new RunningDigest(this.#algorithm, this.#hash.copy())
  }

  /** Of what it has seen so far. */
  get digest(): Digest {
    return `${this.#algorithm}:${this.#hash.copy().digest('hex')}` as Digest
  }
}
