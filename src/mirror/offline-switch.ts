import { RegistryError } from '../oci/registry-error.ts'
import type { SwitchRecords } from '../store/metadata-store.ts'
import { describeFault } from '../store/store-fault.ts'

/** Whether upstreams may be asked: not while mirrors.yaml says `offline: true`, nor while switched off. */
export class OfflineSwitch {
  readonly #records: SwitchRecords
  #isOn: boolean
  #isConfigured: boolean

  private constructor(records: SwitchRecords, isOn: boolean, isConfigured: boolean) {
    this.#records = records
    this.#isOn = isOn
    this.#isConfigured = isConfigured
  }

  /** As it was left by an earlier run. */
  static async open(records: SwitchRecords, isConfigured: boolean): Promise<OfflineSwitch> {
    return new OfflineSwitch(records, (await records.findSwitch('offline')) ?? false, isConfigured)
  }

  get isOffline(): boolean {
    return this.#isOn || this.#isConfigured
  }

  /** Whether mirrors.yaml says so, whatever is switched. */
  get isConfigured(): boolean {
    return this.#isConfigured
  }

  configure(isConfigured: boolean): void {
    this.#isConfigured = isConfigured
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
    this.#isOn = isOn
  }
}
