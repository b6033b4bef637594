import type { DiskUse } from '../store/disk-room.ts'

type Told = {
  onHigh(reason: string, use: DiskUse): void
  onOk(use: DiskUse): void
}

/** Whether somebody has to look after the disk: it is too full, and what goes by itself doesn't help. */
export class DiskAlarm {
  readonly #told: Told
  #isRaised = false

  constructor(told: Told) {
    this.#told = told
  }

  /** Told once, until it is over, whatever the reasons are. */
  raise(reason: string, use: DiskUse): void {
    if (this.#isRaised) return
    this.#isRaised = true
    this.#told.onHigh(reason, use)
  }

  end(use: DiskUse): void {
    if (!this.#isRaised) return
    this.#isRaised = false
    this.#told.onOk(use)
  }
}
