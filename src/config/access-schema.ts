import type { z } from 'zod'
import type { AccessRule, HostedConfig, RetentionRule } from './config.ts'
import { parseCount, parseGlob, parseOneOf, parseText } from './plain-values.ts'
import {
  type BrokenRule,
  listOf,
  mapOf,
  optional,
  required,
  section,
  setting,
  someOf,
  withRules,
} from './setting.ts'
import { parseDuration } from './units.ts'
import { ValueError } from './value-error.ts'

const highestKeepLast = 1_000_000
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/
const glob = required(parseGlob)
const repositories = someOf(glob, 'a pattern such as team/**')

/** Each stands for more than one, and can be nobody's name. */
const reserved = ['anonymous', 'users', 'operator']

const ruleSchema = withRules(
  section({
    who: required(parseWho),
    repositories,
    may: someOf(
      required(parseOneOf(['pull', 'push', 'delete', 'admin'])),
      'pull, push, delete or admin',
    ),
  }),
  refuseAdminForAll,
)

/** Who may do what: the server's own users, tokens and everyone else. */
export const accessSchema = section({
  anonymous: setting(parseOneOf(['none', 'pull', 'push']), 'pull'),
  groups: mapOf(parseName, () => someOf(required(parseName), "a user's name")),
  rules: listOf(ruleSchema),
})

const retentionShape = {
  repositories,
  // That it is a pattern is checked in check-tag-patterns.
  tags: optional(parseText),
  keepLast: optional(parseCount(1, highestKeepLast)),
  maxAge: optional(parseDuration),
}

type RetentionSettings = z.output<z.ZodObject<typeof retentionShape>>

/** What may be pushed, and how long it stays. */
export const hostedSchema = section({
  repositories: listOf(glob, ['**']),
  immutableTags: listOf(glob),
  retention: listOf(withRules(section(retentionShape), findNothingToRetain)),
})

export function toHosted(settings: z.output<typeof hostedSchema>): HostedConfig {
  return { ...settings, retention: settings.retention.map(toRetentionRule) }
}

function toRetentionRule({ maxAge, ...same }: RetentionSettings): RetentionRule {
  return { ...same, maxAgeMs: maxAge }
}

function findNothingToRetain(rule: RetentionSettings): BrokenRule | undefined {
  if (rule.keepLast !== undefined || rule.maxAge !== undefined) return undefined
  return { path: [], found: 'neither keepLast nor maxAge', wanted: 'at least one of them' }
}

function parseWho(value: unknown): string {
  const isName = typeof value === 'string' && value !== 'operator' && namePattern.test(value)
  if (isName) return value
  const wanted =
    'anonymous, users (whoever is logged in), or the name of a user, a token or a group'
  throw new ValueError(value, wanted)
}

function parseName(value: unknown): string {
  const isName = typeof value === 'string' && namePattern.test(value) && !reserved.includes(value)
  if (isName) return value
  const wanted = `a name such as alice: at most 64 letters, digits, ".", "_", "@", "-", and not ${reserved.join(', ')}`
  throw new ValueError(value, wanted)
}

/** Nobody could say any more who did it. */
function refuseAdminForAll({ who, may }: AccessRule): BrokenRule | undefined {
  const isForAll = who === 'anonymous' && Array.isArray(may) && may.includes('admin')
  if (!isForAll) return undefined
  return { path: ['may'], found: 'admin for anonymous', wanted: 'pull, push or delete' }
}
