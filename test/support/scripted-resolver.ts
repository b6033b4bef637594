import dns, { type LookupAddress } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { isIPv6 } from 'node:net'
import { onTestFinished } from 'vitest'

/** Names that were asked for, in turn. */
export type ScriptedResolver = { readonly asked: readonly string[] }

/**
 * Answers the system's lookups of these names until the test ends: each time with the next of their
 * answers, then on and on with the last. Other names are looked up as ever.
 */
export const scriptNames = (
  answers: Readonly<Record<string, readonly (readonly string[])[]>>,
): ScriptedResolver => {
  const usual = dns.lookup
  const asked: string[] = []
  const scripted = (name: string, options: { all?: boolean }, callback: Callback) => {
    const turns = answers[name]
    if (!turns) return usual(name, options, callback as never)
    const turn = asked.filter((each) => each === name).length
    asked.push(name)
    const found = (turns[turn] ?? turns.at(-1) ?? []).map(toAddress)
    const [first] = found
    setImmediate(() => {
      if (options.all) callback(null, found)
      else callback(null, first?.address ?? '', first?.family)
    })
  }
  replace(Object.assign(scripted, { __promisify__: usual.__promisify__ }) as typeof dns.lookup)
  onTestFinished(() => replace(usual))
  return { asked }
}

type Callback = (error: Error | null, found: string | LookupAddress[], family?: number) => void

const toAddress = (address: string): LookupAddress => ({
  address,
  family: isIPv6(address) ? 6 : 4,
})

const replace = (lookup: typeof dns.lookup) => {
  dns.lookup = lookup
  syncBuiltinESMExports()
}
