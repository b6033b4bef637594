import type { Config } from './config.ts'
import { formatPath } from './config-error.ts'
import { describeValues } from './describe-config.ts'
import { isHookUrl, secretKeys } from './secret-keys.ts'

/** One value of a configuration, as a person writes it. */
export type ListedSetting = {
  readonly path: readonly (string | number)[]
  /** As in code: `upstreams["docker.io"].tagTtl`. */
  readonly name: string
  /** Of a secret whether it is set, and no more. */
  readonly value: string
  readonly isSecret: boolean
}

type Path = ListedSetting['path']

/** Every value with a name of its own, in the order of mirrors.yaml. Holds no secret. */
export function listSettings(config: Config): readonly ListedSetting[] {
  return walk(describeValues(config), [])
}

function walk(value: unknown, path: Path): readonly ListedSetting[] {
  if (!isNested(value)) return [toSetting(value, path)]
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return entries.flatMap(([key, item]) => walk(item, [...path, key]))
}

/** A list of texts is one value; a list of sections is many. */
function isNested(value: unknown): value is object {
  if (Array.isArray(value)) return value.some((item) => typeof item === 'object')
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function toSetting(value: unknown, path: Path): ListedSetting {
  const name = formatPath(path)
  const isSecret = secretKeys.has(path.at(-1) ?? '')
  if (isSecret) return { path, name, value: value === '' ? 'not set' : 'set', isSecret }
  return { path, name, value: isHookUrl(path) ? hidePath(String(value)) : write(value), isSecret }
}

function hidePath(text: string): string {
  const { origin, pathname, search } = new URL(text)
  return pathname === '/' && search === '' ? `${origin}/` : `${origin}/…`
}

function write(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : value.join(', ')
  return typeof value === 'object' && value !== null ? '{}' : String(value)
}
