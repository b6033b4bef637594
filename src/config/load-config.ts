import { dirname, resolve } from 'node:path'
import { checkConfig } from './check-config.ts'
import { checkTagPatterns } from './check-tag-patterns.ts'
import type { Config } from './config.ts'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { type Environment, interpolate } from './environment.ts'
import { type FindOrigin, originsIn } from './origins.ts'
import { parseYaml } from './parse-yaml.ts'
import { readPlainFile } from './plain-file.ts'
import { readTlsFiles } from './read-tls-files.ts'
import { readUpstreamFiles } from './read-upstream-files.ts'

/** What came of reading a configuration: a config or everything that is wrong with it. */
export type Reading =
  | GoodReading
  | (Read & { readonly config: undefined; readonly error: ConfigError })

type Read = { readonly files: readonly string[] }

export type GoodReading = Read & {
  readonly config: Config
  readonly error: undefined
  /** Where each value came from. */
  readonly findOrigins: () => FindOrigin
}

const maxBytes = 4 * 1024 * 1024
const wantedFile =
  'a configuration: copy the mirrors.yaml that comes with Entrepot, or name yours with --config; ' +
  'an empty file means all defaults'

/** Reads and checks a configuration file. Throws ConfigError with every problem there is. */
export async function loadConfig(file: string, environment: Environment): Promise<Config> {
  const { config, error } = await readConfig(file, environment)
  if (error) throw error
  return config
}

/** The same without throwing, and with the files (absolute) that the result was made of. */
export async function readConfig(file: string, environment: Environment): Promise<Reading> {
  const path = resolve(file)
  const fail = (problems: readonly ConfigProblem[], files = [path]): Reading => {
    return { files, config: undefined, error: new ConfigError(file, onePerPath(problems)) }
  }
  const content = await readPlainFile(path, maxBytes)
  if ('found' in content) {
    return fail([{ path: 'the whole file', found: content.found, wanted: wantedFile }])
  }
  const yaml = parseYaml(content.text)
  if (yaml.problems.length > 0) return fail(yaml.problems)

  const folder = dirname(path)
  const { data, problems } = interpolate(yaml.data, environment)
  const ofUpstreams = await readUpstreamFiles(data, folder)
  const ofTls = await readTlsFiles(data, folder)
  const texts = new Map([...ofUpstreams.texts, ...ofTls.texts])
  const checked = checkConfig(data, { folder, texts })
  const files = [path, ...ofUpstreams.files, ...ofTls.files]
  const ofFiles = [...ofUpstreams.problems, ...ofTls.problems]
  const all = [...problems, ...ofFiles, ...(await checkTagPatterns(data)), ...checked.problems]
  if (all.length > 0 || !checked.config) return fail(all, files)
  const findOrigins = () => originsIn({ text: content.text, data: yaml.data, environment })
  return { files, config: checked.config, error: undefined, findOrigins }
}

/** A missing variable also leaves a wrong value behind; the first problem of a path explains it. */
function onePerPath(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return [
    ...new Map(problems.toReversed().map((problem) => [problem.path, problem])).values(),
  ].toReversed()
}
