import type {
  AnyConfiguration,
  ConfigurationInForce as Described,
  SettingInForce,
} from './any-configuration.ts'
import type { Config } from './config.ts'
import type { ConfigError } from './config-error.ts'
import { listSettings } from './list-settings.ts'
import type { GoodReading } from './load-config.ts'
import type { FindOrigin } from './origins.ts'
import { restartKeys } from './restart-keys.ts'

/** What a running server goes by, and what its file says of it. */
export class ConfigurationInForce implements AnyConfiguration {
  readonly #now: () => number
  #running: Config
  #read: { readonly file: string; readonly config: Config; readonly origin: FindOrigin } | undefined
  #refused: Described['refused']

  constructor(running: Config, now: () => number) {
    this.#running = running
    this.#now = now
  }

  /** From now on the server goes by this. */
  takeUp(running: Config): void {
    this.#running = running
  }

  /** The file was read, and is right; whether or not it says anything new. */
  noteRead(file: string, { config, findOrigins }: GoodReading): void {
    this.#read = { file, config, origin: findOrigins() }
    this.#refused = undefined
  }

  /** The file is wrong now. */
  noteRefused({ problems }: ConfigError): void {
    this.#refused = { at: this.#now(), problems }
  }

  async describeConfiguration(): Promise<Described> {
    const waiting = this.#read ? restartKeys(this.#running, this.#read.config) : []
    return {
      file: this.#read?.file,
      settings: this.#listSettings(),
      waiting,
      refused: this.#refused,
    }
  }

  #listSettings(): readonly SettingInForce[] {
    const next = this.#read && listSettings(this.#read.config)
    const valueAfterRestart = new Map(next?.map(({ name, value }) => [name, value]))
    return listSettings(this.#running).map(({ path, ...setting }) => {
      const { name, value } = setting
      const after = valueAfterRestart.get(name)
      return {
        ...setting,
        origin: this.#read?.origin(path) ?? { kind: 'file', line: undefined },
        afterRestart: after === value ? undefined : after,
      }
    })
  }
}
