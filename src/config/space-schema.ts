import type { z } from 'zod'
import type { SpaceConfig } from './config.ts'
import { parseGlob } from './plain-values.ts'
import {
  type BrokenRule,
  listOf,
  optional,
  required,
  section,
  setting,
  withRules,
} from './setting.ts'
import { formatShare, parseDuration, parseShare, parseSize } from './units.ts'

const spaceShape = {
  high: setting(parseShare, '85%'),
  low: setting(parseShare, '75%'),
  maxSize: optional(parseSize),
  minFree: setting(parseSize, '1GiB'),
  minAge: setting(parseDuration, '1h'),
  pins: listOf(required(parseGlob)),
}

export type SpaceSettings = z.output<z.ZodObject<typeof spaceShape>>

export const spaceSchema = withRules(section(spaceShape), findLowNotBelowHigh)

export function toSpace(settings: SpaceSettings): SpaceConfig {
  const { maxSize, minFree, minAge, ...same } = settings
  return { ...same, maxSizeBytes: maxSize, minFreeBytes: minFree, minAgeMs: minAge }
}

function findLowNotBelowHigh({ low, high }: SpaceSettings): BrokenRule | undefined {
  if (typeof low !== 'number' || typeof high !== 'number' || low < high) return undefined
  const wanted = `a share below space.high, which is ${formatShare(high)}`
  return { path: ['low'], found: formatShare(low), wanted }
}
