import type { z } from 'zod'
import type { HostedConfig, RetentionRule } from './config.ts'
import { parseCount, parseGlob, parseOneOf, parseText } from './plain-values.ts'
import {
  type BrokenRule,
  listOf,
  optional,
  required,
  section,
  setting,
  someOf,
  withRules,
} from './setting.ts'
import { parseDuration } from './units.ts'

const highestKeepLast = 1_000_000
const glob = required(parseGlob)
const repositories = someOf(glob, 'a pattern such as team/**')

const ruleSchema = section({
  who: required(parseText),
  repositories,
  may: someOf(required(parseOneOf(['pull', 'push', 'delete'])), 'pull, push or delete'),
})

/** Who may do what: the server's own users, tokens and everyone else. */
export const accessSchema = section({
  anonymous: setting(parseOneOf(['none', 'pull', 'push']), 'pull'),
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
