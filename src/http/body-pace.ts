import { RegistryError } from '../oci/registry-error.ts'

/** Any line carries so much; who sends less holds on to a connection, and to an upload. */
const leastBytes = 64 * 1024
const windowMs = 5 * 60_000

/** Watches how fast a client sends a body. What it spends waiting for us isn't its own time. */
export class BodyPace {
  readonly #timer: NodeJS.Timeout
  #bytes = 0
  #isOurTurn = false

  /** `onSlow` gets the RegistryError for the client. */
  constructor(onSlow: (error: RegistryError) => void) {
    this.#timer = setInterval(() => {
      if (!this.#isOurTurn && this.#bytes < leastBytes) onSlow(tooSlow())
      this.#bytes = 0
    }, windowMs).unref()
  }

  /** So many bytes have come. */
  note(bytes: number): void {
    this.#bytes += bytes
  }

  /** For now no more is taken from the client. */
  pause(): void {
    this.#isOurTurn = true
  }

  resume(): void {
    this.#isOurTurn = false
    // What is left of the window may be too short for it.
    this.#bytes = leastBytes
  }

  /** The body has ended. */
  end(): void {
    clearInterval(this.#timer)
  }
}

function tooSlow(): RegistryError {
  const what = `of the request's body less than ${leastBytes / 1024} KiB came in ${windowMs / 60_000} minutes: send it again on a better line; an upload goes on from what its GET says has come`
  return new RegistryError('UNSUPPORTED', what, { status: 408, isHosted: true })
}
