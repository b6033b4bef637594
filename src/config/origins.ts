import { formatPath } from './config-error.ts'
import { type Environment, findVariables } from './environment.ts'
import { findLines } from './yaml-lines.ts'

type Path = readonly (string | number)[]

/** Where a value came from. */
export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly line: number | undefined }
  /** Variables that the file names there and that are set. */
  | {
      readonly kind: 'environment'
      readonly line: number | undefined
      readonly variables: readonly string[]
    }

/** Finds the origin of each value that a configuration has. */
export type FindOrigin = (path: Path) => Origin

type Read = {
  readonly text: string
  /** What the text holds, before variables are put in. */
  readonly data: unknown
  readonly environment: Environment
}

/** The one place that knows where a configuration's values came from. */
export function originsIn({ text, data, environment }: Read): FindOrigin {
  const lines = findLines(text)
  return (path) => {
    const value = valueAt(data, path)
    if (value === undefined || value === null) return { kind: 'default' }
    const line = lineOf(lines, path)
    const variables = variablesIn(value, environment)
    return variables.length > 0 ? { kind: 'environment', line, variables } : { kind: 'file', line }
  }
}

/** One text may stand for a list of one, or for the whole of a section. */
function valueAt(data: unknown, path: Path): unknown {
  let value = data
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return value
    const isMissing = !Object.hasOwn(value, key)
    if (isMissing) return undefined
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key]
  }
  return value
}

/** Its own, or that of what it stands in. */
function lineOf(lines: ReadonlyMap<string, number>, path: Path): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(formatPath(path.slice(0, length)))
    if (line !== undefined) return line
  }
  return undefined
}

function variablesIn(value: unknown, environment: Environment): readonly string[] {
  if (typeof value === 'string') return findVariables(value, environment)
  if (typeof value !== 'object' || value === null) return []
  const all = Object.values(value).flatMap((item) => variablesIn(item, environment))
  return [...new Set(all)]
}
