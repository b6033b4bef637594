type Settings = {
  /** Another number than before once another process has written. */
  readonly readVersion: () => Promise<number>
  readonly onError: (error: unknown, what: string) => void
}

/** It costs some microseconds. */
const lookEveryMs = 1_000

/**
 * Whether another process has changed what is recorded: commands such as adopt work beside a running
 * server, which remembers some of it.
 */
export class ForeignChanges {
  readonly #settings: Settings
  #timer: NodeJS.Timeout | undefined
  #version: number | undefined
  #looking: Promise<void> = Promise.resolve()
  #isFailing = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** From now on `onChanged` hears of it, within a second or so. Once. */
  watch(onChanged: () => Promise<void>): void {
    if (this.#timer) throw new Error('changes of other processes are watched already')
    this.#look(onChanged)
    this.#timer = setInterval(() => this.#look(onChanged), lookEveryMs).unref()
  }

  /** Resolves when nobody hears of anything any more. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  #look(onChanged: () => Promise<void>): void {
    this.#looking = this.#looking.then(() => this.#tellIfChanged(onChanged))
  }

  async #tellIfChanged(onChanged: () => Promise<void>): Promise<void> {
    try {
      const version = await this.#settings.readVersion()
      const isChanged = this.#version !== undefined && this.#version !== version
      if (isChanged) await onChanged()
      this.#version = version
      this.#isFailing = false
    } catch (error) {
      const what = "whether another process changed what is recorded can't be told"
      if (!this.#isFailing) this.#settings.onError(error, what)
      this.#isFailing = true
    }
  }
}
