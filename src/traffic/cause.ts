import { AsyncLocalStorage } from 'node:async_hooks'

/** On whose behalf something is done. */
export type Cause = {
  /** An address; empty for the server itself. */
  readonly client: string
  /** As formatCaller writes it; undefined for anonymous, or as long as it isn't known. */
  readonly who?: string | undefined
}

const causes = new AsyncLocalStorage<Cause>()
const nobody: Cause = { client: '' }

/** All that `run` begins is done on behalf of this one, also what goes on after it: a fetch outlives its client. */
export function causedBy<T>(cause: Cause | undefined, run: () => T): T {
  return cause === undefined ? run() : causes.run(cause, run)
}

/** Who asked for what is being done; the server itself where nobody did. */
export function currentCause(): Cause {
  return causes.getStore() ?? nobody
}
