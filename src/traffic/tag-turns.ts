/** A client shares its place with one in a thousand others: then rows are split that needn't be. */
const places = 1_024

/**
 * How often each client began to ask for a tag, in memory that all threads share. What it asks for by digest
 * after that is of another image than before, whichever thread it asks.
 */
export class TagTurns {
  /** For another thread's. */
  readonly shared: SharedArrayBuffer
  readonly #turns: Int32Array

  constructor(shared = new SharedArrayBuffer(places * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared
    this.#turns = new Int32Array(shared)
  }

  of(client: string): number {
    return Atomics.load(this.#turns, placeOf(client))
  }

  begin(client: string): void {
    Atomics.add(this.#turns, placeOf(client), 1)
  }
}

function placeOf(client: string): number {
  let hash = 0
  for (let at = 0; at < client.length; at++) hash = (hash * 31 + client.charCodeAt(at)) | 0
  return Math.abs(hash) % places
}
