import type { z } from 'zod'
import type { Config } from './config.ts'
import { type ConfigProblem, formatPath } from './config-error.ts'
import { configSchema, toConfig } from './schema.ts'
import { isHookUrl, secretKeys } from './secret-keys.ts'
import type { Surroundings } from './to-upstream.ts'
import { describeFound, describeHidden, describeKind } from './value-error.ts'

/** Of what may be a URL, also without its scheme. */
const behindHost = /^((?:[a-z0-9+.-]+:\/\/)?[^/?#]*)[/?#].+$/is

/** Checks parsed YAML. The config is there exactly when there are no problems. */
export function checkConfig(
  data: unknown,
  surroundings: Surroundings,
): { readonly config: Config | undefined; readonly problems: readonly ConfigProblem[] } {
  const result = configSchema.safeParse(data, { reportInput: true })
  if (result.success) return { config: toConfig(result.data, surroundings), problems: [] }
  return { config: undefined, problems: result.error.issues.map(toProblem) }
}

/** The configuration of an empty file in a folder. */
export function defaultConfig(folder: string): Config {
  return toConfig(configSchema.parse({}), { folder, texts: new Map() })
}

function toProblem(issue: z.core.$ZodIssue): ConfigProblem {
  return { path: formatPath(issue.path), found: findingOf(issue), wanted: issue.message }
}

function findingOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'custom') return describeKind(issue.input)
  if (typeof issue.params?.found === 'string') return issue.params.found
  const isSecret = issue.path.some((key) => secretKeys.has(key))
  if (isSecret) return describeHidden(issue.input)
  const found = describeFound(issue.input)
  return isHookUrl(issue.path) ? found.replace(behindHost, '$1/…') : found
}
