import { type ConfigProblem, formatPath } from './config-error.ts'
import { isMapping } from './named-files.ts'
import { describeFound } from './value-error.ts'

/**
 * What is wrong with the patterns of hosted.retention. It goes by the unchecked data, so that it is
 * reported together with whatever else is wrong; the engine is read only where there is a pattern.
 */
export async function checkTagPatterns(data: unknown): Promise<readonly ConfigProblem[]> {
  const hosted = isMapping(data) ? data.hosted : undefined
  const retention = isMapping(hosted) ? hosted.retention : undefined
  const rules: readonly unknown[] = Array.isArray(retention) ? retention : [retention]
  const patterns = rules.flatMap((rule, place) => {
    const tags = isMapping(rule) ? rule.tags : undefined
    return typeof tags === 'string' && tags !== 'none' ? [{ tags, place }] : []
  })
  if (patterns.length === 0) return []
  const { parseTagPattern, wantedTagPattern } = await import('../oci/tag-pattern.ts')
  return patterns
    .filter(({ tags }) => parseTagPattern(tags) === undefined)
    .map(({ tags, place }) => ({
      path: formatPath(['hosted', 'retention', place, 'tags']),
      found: describeFound(tags),
      wanted: wantedTagPattern,
    }))
}
