import type { SwitchRecords } from '../store/metadata-store.ts'

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

  /** Once it resolves it holds after a restart too; if it can't be written, nothing has changed. */
  async set(isOn: boolean): Promise<void> {
    await this.#records.recordSwitch('offline', isOn)
    this.#isOn = isOn
  }
}
