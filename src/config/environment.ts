import { type ConfigProblem, formatPath } from './config-error.ts'

export type Environment = Readonly<Record<string, string | undefined>>

type Path = readonly PropertyKey[]

interface Interpolation {
  readonly environment: Environment
  readonly problems: ConfigProblem[]
}

const wantedForm = `\${NAME}, \${NAME:-default}, or $\${ where a plain \${ is meant`
const opening = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g

/**
 * Puts environment variables into every string value of parsed YAML. It works on values and not
 * on the file's text, so a variable can't add keys, lists or types to the configuration.
 * As in a shell, the default of `${NAME:-default}` also stands for an empty variable.
 */
export function interpolate(
  data: unknown,
  environment: Environment,
): { readonly data: unknown; readonly problems: readonly ConfigProblem[] } {
  const interpolation: Interpolation = { environment, problems: [] }
  return { data: interpolateValue(data, [], interpolation), problems: interpolation.problems }
}

/** The variables that a text names and that are set, so that the value comes from them. */
export function findVariables(text: string, environment: Environment): readonly string[] {
  return [...text.matchAll(opening)].flatMap(([match, name]) => {
    const isSet = !match.startsWith('$$') && name !== undefined && Boolean(environment[name])
    return isSet ? [name] : []
  })
}

/** Writes a text so that `interpolate` gives back that text. */
export function escapeInterpolation(text: string): string {
  // A function, since a replacement text would give $$ a meaning of its own.
  return text.replaceAll('${', () => '$${')
}

function interpolateValue(value: unknown, path: Path, interpolation: Interpolation): unknown {
  if (typeof value === 'string') return interpolateText(value, path, interpolation)
  if (Array.isArray(value)) {
    return value.map((item, index) => interpolateValue(item, [...path, index], interpolation))
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => {
    return [key, interpolateValue(item, [...path, key], interpolation)] as const
  })
  return Object.fromEntries(entries)
}

/** Undefined where a variable is missing: the problem is noted, and one a value is enough. */
function interpolateText(text: string, path: Path, interpolation: Interpolation) {
  const { environment, problems } = interpolation
  let hasFailed = false
  const fail = (found: string, wanted: string) => {
    if (!hasFailed) problems.push({ path: formatPath(path), found, wanted })
    hasFailed = true
    return ''
  }
  const result = text.replace(opening, (match: string, name?: string, fallback?: string) => {
    if (match.startsWith('$$')) return '${'
    if (name === undefined) return fail('a ${ that names no variable', wantedForm)
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined
    if (fallback !== undefined) return value || fallback
    return value ?? fail(`${match}, which is not set`, wantedVariable(name))
  })
  return hasFailed ? undefined : result
}

function wantedVariable(name: string): string {
  return `the environment variable ${name}, or a default as in \${${name}:-value}`
}
