import { parseArgs } from 'node:util'
import { findOwnParts, findParts, partNames } from './parts/all.ts'
import type { OwnPart } from './parts/own-part.ts'
import type { Part } from './parts/part.ts'
import { findServerKinds, serverNames } from './servers/all.ts'
import type { ServerKind } from './servers/server.ts'

const defaultRounds = 5
const defaultSeconds = 2

export const usage = `Usage: npm run bench -- [options]

Measures Entrepot beside its peers on this machine, alternating between them.

  --rounds N       how often each server is measured in each case (default ${defaultRounds}),
                   in long ones less often
  --seconds N      how long each measurement lasts (default ${defaultSeconds})
  --only PART,...  only these parts: ${partNames.join(', ')}
  --servers S,...  only these servers: ${serverNames.join(', ')}
  --help           this text
`

export interface Options {
  readonly rounds: number
  readonly seconds: number
  readonly parts: readonly Part[]
  readonly ownParts: readonly OwnPart[]
  readonly servers: readonly ServerKind[]
}

/** The command line can't be understood; the message says what was found and what is wanted. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Undefined when help was asked for. Throws UsageError. */
export const parseOptions = (args: readonly string[]): Options | undefined => {
  const values = parseFlags(args)
  if (values.help === true) return undefined
  return {
    rounds: parseCount('--rounds', values.rounds, defaultRounds),
    seconds: parseCount('--seconds', values.seconds, defaultSeconds),
    parts: parseNames('--only', values.only, { known: partNames, find: findParts }),
    ownParts: parseNames('--only', values.only, { known: partNames, find: findOwnParts }),
    servers: parseNames('--servers', values.servers, { known: serverNames, find: findServerKinds }),
  }
}

const parseFlags = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        only: { type: 'string', multiple: true },
        servers: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

const parseCount = (flag: string, text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw new UsageError(`${flag} is "${text}"; wanted is a whole number from 1`)
}

interface Choice<T> {
  readonly known: readonly string[]
  readonly find: (names: readonly string[]) => readonly T[]
}

const parseNames = <T>(
  flag: string,
  texts: readonly string[] | undefined,
  { known, find }: Choice<T>,
): readonly T[] => {
  if (texts === undefined) return find(known)
  const names = texts.flatMap((text) => text.split(','))
  const strange = names.find((name) => !known.includes(name))
  if (strange !== undefined)
    throw new UsageError(`${flag} names "${strange}"; known are ${known.join(', ')}`)
  return find(names)
}
