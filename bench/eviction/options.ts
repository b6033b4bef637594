import { parseArgs } from 'node:util'
import { UsageError } from '../options.ts'

const defaults = { seeds: '8', caps: '2,10,20,50', events: '132000' }

export const usage = `Usage: npm run bench:eviction -- [options]

Replays a modelled trace of pulls through orders of eviction, and says what each of them hits.

  --seeds N      how many traces, each from a seed of its own (default ${defaults.seeds})
  --caps P,...   how large the cache is, in percent of all bytes that are asked for (default ${defaults.caps})
  --events N     manifest requests in a trace (default ${defaults.events})
  --uris FILE    instead of the model, a registry's log: the path of a GET on each line
                 (logged-demands.ts says where there is one); seeds are for its sizes alone
  --json FILE    writes the figures of every single run there
  --help         this text
`

export interface Options {
  readonly seeds: number
  /** Shares of all bytes that are asked for, each counted once. */
  readonly caps: readonly number[]
  readonly events: number
  readonly uris: string | undefined
  readonly json: string | undefined
}

/** Undefined when help was asked for. Throws UsageError. */
export const parseOptions = (args: readonly string[]): Options | undefined => {
  const { help, json, uris, ...texts } = { ...defaults, ...parseFlags(args) }
  if (help === true) return undefined
  return {
    seeds: parseCount('--seeds', texts.seeds),
    caps: texts.caps.split(',').map(parseShare),
    events: parseCount('--events', texts.events),
    uris,
    json,
  }
}

const parseFlags = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        caps: { type: 'string' },
        events: { type: 'string' },
        uris: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

const parseCount = (flag: string, text: string): number => {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new UsageError(`${flag} is "${text}"; wanted is a whole number from 1 to 9999999`)
}

const parseShare = (text: string): number => {
  const percent = /^\d{1,3}(\.\d+)?$/.test(text) ? Number(text) : 0
  if (percent > 0 && percent <= 100) return percent / 100
  throw new UsageError(`--caps names "${text}"; wanted are percents above 0, up to 100`)
}
