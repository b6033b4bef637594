import { isDeepStrictEqual } from 'node:util'
import type { AnyAudit } from '../audit/any-audit.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'

const change = { who: 'operator', what: 'configure' } as const

/** Which keys changed; values may be secrets. */
export function noteTakenUp(
  audit: AnyAudit,
  file: string,
  { next, previous }: { next: Config; previous: Config },
): void {
  const keys = Object.keys({ ...previous, ...next }) as (keyof Config)[]
  const changed = keys.filter((key) => !isDeepStrictEqual(previous[key], next[key]))
  if (changed.length === 0) return
  const at = systemClock.now()
  audit.note({ ...change, at, subject: file, result: 'ok', detail: changed.join(', ') })
}

/** Where it is wrong, and not what stands there. */
export function noteRefused(audit: AnyAudit, file: string, error: Error): void {
  const paths = error instanceof ConfigError ? error.problems.map(({ path }) => path) : []
  const detail = paths.length > 0 ? `refused for ${paths.join(', ')}` : 'refused'
  audit.note({ ...change, at: systemClock.now(), subject: file, result: 'failed', detail })
}
