import type { Access } from '../access/access.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { Log } from '../logger/logger.ts'
import type { Serving } from '../serving.ts'
import type { Stores } from '../store/open-stores.ts'

/** What rooms are opened with. */
export type Opening = {
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly stores: Stores
  readonly access: Access
  readonly onError: (error: unknown, what: string) => void
  /** Where it is noted what is open. */
  readonly opened: AsyncDisposableStack
  /** Undefined as long as nobody is served. */
  readonly serving: () => Serving | undefined
}
