import { RegistryError } from '../oci/registry-error.ts'
import type { SwitchRecords } from '../store/metadata-store.ts'
import { describeFault } from '../store/store-fault.ts'

/** Whether upstreams may be asked: not while mirrors.yaml says `offline: true`, nor while switched off. */
export class OfflineSwitch {
  readonly #records: SwitchRecords
  readonly #onChange: (isOffline: boolean) => void
  #isOn: boolean
  #isConfigured: boolean

  private constructor(
    records: SwitchRecords,
    { isOn, isConfigured }: { isOn: boolean; isConfigured: boolean },
    onChange: (isOffline: boolean) => void,
  ) {
    this.#records = records
    this.#isOn = isOn
    this.#isConfigured = isConfigured
    this.#onChange = onChange
  }

  /** As it was left by an earlier run. `onChange` hears when it has changed whether they may. */
  static async open(
    records: SwitchRecords,
    isConfigured: boolean,
    onChange: (isOffline: boolean) => void,
  ): Promise<OfflineSwitch> {
    const isOn = (await records.findSwitch('offline')) ?? false
    return new OfflineSwitch(records, { isOn, isConfigured }, onChange)
  }

  get isOffline(): boolean {
    return this.#isOn || this.#isConfigured
  }

  /** Whether mirrors.yaml says so, whatever is switched. */
  get isConfigured(): boolean {
    return this.#isConfigured
  }

  configure(isConfigured: boolean): void {
    this.#changing(() => {
      this.#isConfigured = isConfigured
    })
  }

  /**
   * Once it resolves it holds after a restart too. Throws RegistryError UNAVAILABLE where it can't be
   * written down, and then nothing has changed.
   */
  async set(isOn: boolean): Promise<void> {
    try {
      await this.#records.recordSwitch('offline', isOn)
    } catch (cause) {
      const what = `it can't be written down, and stays as it was: ${describeFault(cause)}`
      throw new RegistryError('UNAVAILABLE', what, { cause })
    }
    this.#changing(() => {
      this.#isOn = isOn
    })
  }

  #changing(change: () => void): void {
    const wasOffline = this.isOffline
    change()
    if (this.isOffline !== wasOffline) this.#onChange(this.isOffline)
  }
}
