import { parseArgs } from 'node:util'
import { UsageError } from '../options.ts'
import { scenarioNames, scenarios } from './scenarios/all.ts'
import type { Scenario } from './scenarios/scenario.ts'

export const usage = `Usage: npm run bench:replay -- [SCENARIO...]

Plays what real sites do to a registry mirror, made smaller, against Entrepot as it is here, and
says whether it holds. Without a name all of them, one after the other, about five minutes:

${scenarios.map(({ name, title }) => `  ${name.padEnd(14)} ${title}`).join('\n')}

Ends with 1 when something wanted is missed.
`

/** Undefined when help was asked for. Throws UsageError. */
export const parseOptions = (args: readonly string[]): readonly Scenario[] | undefined => {
  const { values, positionals } = parse(args)
  if (values.help === true) return undefined
  const strange = positionals.find((name) => !scenarioNames.includes(name))
  if (strange !== undefined)
    throw new UsageError(`there is no scenario "${strange}"; known are ${scenarioNames.join(', ')}`)
  return positionals.length === 0
    ? scenarios
    : scenarios.filter(({ name }) => positionals.includes(name))
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
