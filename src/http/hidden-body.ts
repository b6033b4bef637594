import { quote, RegistryError } from '../oci/registry-error.ts'
import type { RequestContext } from './environment.ts'
import { readObject, readShort } from './read-json.ts'

type Fields = ReturnType<typeof readObject>

const maxBytes = 16_384

/** What is wrong with a body isn't repeated, in the answer or the log: it may be the password. */
export async function readHiddenBody(
  c: RequestContext,
  known: readonly string[],
  wanted: string,
): Promise<Fields> {
  const text = await readShort(c, maxBytes)
  try {
    return readObject(text, known)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new RegistryError('MANIFEST_INVALID', `wanted as the body: ${wanted}`)
  }
}

/** A text that no message repeats. */
export function readHidden(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value === 'string' && value !== '') return value
  throw new RegistryError('MANIFEST_INVALID', `wanted ${quote(name)}: a text`)
}
