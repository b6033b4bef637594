import type { RuleAnswer, TokenAnswer, UserAnswer } from '../../answers/access.ts'

/** `pull, push in team/**`, `pull everything` */
export function writeRule({ may, repositories }: Pick<RuleAnswer, 'may' | 'repositories'>): string {
  return `${may.join(', ')} ${writePlace(repositories)}`
}

function writePlace(patterns: readonly string[] | undefined): string {
  if (patterns === undefined || patterns.includes('**')) return 'everything'
  return `in ${patterns.join(', ')}`
}

/** What rules give to a user, beside what everybody may. */
export function writeRules({ unruled, rules }: UserAnswer): string {
  if (unruled) return 'everything, but private upstreams'
  if (rules.length === 0) return 'what everybody may: no rule is about this name'
  return rules.map(writeRule).join('; ')
}

/** What a token may by itself, or to what it is limited. */
export function writeGrant({ user, may, repositories }: TokenAnswer): string {
  const where = writePlace(repositories)
  if (may !== undefined) return `${may.join(', ')} ${where}`
  if (user === undefined) return 'what rules give to its name'
  return repositories === undefined ? `all that ${user} may` : `all that ${user} may ${where}`
}
