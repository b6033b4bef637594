import type { ConfigProblem } from './config-error.ts'

/** The files that a part of the configuration names, read. */
export interface NamedFiles {
  /** By absolute path, those that could be read and hold what they should. */
  readonly texts: ReadonlyMap<string, string>
  /** Every file named (absolute), also those that could not be read. */
  readonly files: readonly string[]
  readonly problems: readonly ConfigProblem[]
}

/** Whether a value names a file; what is none of the kind is reported by the schema. */
export function isFileName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value !== 'none'
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
