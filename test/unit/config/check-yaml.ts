import { checkConfig } from '../../../src/config/check-config.ts'
import type { Config } from '../../../src/config/config.ts'
import type { ConfigProblem } from '../../../src/config/config-error.ts'
import { parseYaml } from '../../../src/config/parse-yaml.ts'

export const folder = '/etc/entrepot'

/** The problems of a text as it would stand in mirrors.yaml, files aside. */
export const findProblems = (text: string): readonly ConfigProblem[] => {
  const { data, problems } = parseYaml(text)
  if (problems.length > 0) return problems
  return checkConfig(data, { folder, texts: new Map() }).problems
}

/** The configuration that a text stands for; the text must be right. */
export const checkYaml = (text: string): Config => {
  const { config, problems } = checkConfig(parseYaml(text).data, { folder, texts: new Map() })
  if (!config) throw new Error(`not a configuration: ${JSON.stringify(problems)}`)
  return config
}
