import { readFile } from 'node:fs/promises'
import { CommandError } from './command-error.ts'

/** What commands show to a server that wants certificates. */
export type OwnCertificate = { readonly cert: string; readonly key: string }

const certVariable = 'ENTREPOT_CLIENT_CERT'
const keyVariable = 'ENTREPOT_CLIENT_KEY'

/** From the PEM files that the environment names. Throws CommandError where one is missing. */
export async function readOwnCertificate(): Promise<OwnCertificate | undefined> {
  const [certFile, keyFile] = [process.env[certVariable], process.env[keyVariable]]
  if (!certFile && !keyFile) return undefined
  return { cert: await read(certVariable, certFile), key: await read(keyVariable, keyFile) }
}

async function read(variable: string, file: string | undefined): Promise<string> {
  if (!file) throw new CommandError(`${variable} is missing beside the other: name its PEM file`)
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(`the file of ${variable} can't be read: ${why}`, { cause })
  }
}
