import { parseDuration } from '../config/units.ts'
import { ValueError } from '../config/value-error.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'

const leastMs = 60_000
/** Older samples aren't kept. */
const mostMs = 30 * 86_400_000

/** `24h` before now. Throws RegistryError, as 400. */
export function readSince(text: string, now: number): number {
  const agoMs = readDuration(text)
  if (agoMs >= leastMs && agoMs <= mostMs) return now - agoMs
  const what = `since=${quote(text, 20)}: wanted how long ago, from 1m to 30d, such as 24h`
  throw new RegistryError('UNSUPPORTED', what, { status: 400 })
}

function readDuration(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    if (error instanceof ValueError) return Number.NaN
    throw error
  }
}
