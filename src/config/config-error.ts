/** One thing that is wrong: where it stands, what was found there and what is wanted. */
export interface ConfigProblem {
  readonly path: string
  readonly found: string
  readonly wanted: string
}

/** Everything that is wrong with a configuration file, found in one go. Holds no secret's value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly file: string
  readonly problems: readonly ConfigProblem[]

  constructor(file: string, problems: readonly ConfigProblem[]) {
    super([headline(file, problems.length), ...problems.map(formatProblem)].join('\n'))
    this.file = file
    this.problems = problems
  }
}

/** Writes a path as one would in code: `upstreams["docker.io"].url[1]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the whole file'
  return path.reduce<string>((text, key) => text + formatKey(key, text === ''), '')
}

function formatKey(key: PropertyKey, isFirst: boolean): string {
  if (typeof key === 'number') return `[${key}]`
  const name = String(key)
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `[${JSON.stringify(name)}]`
  return isFirst ? name : `.${name}`
}

function headline(file: string, count: number): string {
  return `${file} has ${count === 1 ? '1 problem' : `${count} problems`}:`
}

function formatProblem({ path, found, wanted }: ConfigProblem): string {
  return `  ${path}: found ${found}, wanted ${wanted}`
}
