import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

// Debian keeps nginx in /usr/sbin, which an ordinary user's PATH leaves out.
const extraFolders = ['/usr/sbin', '/usr/local/sbin']

const installHints = {
  openssl: 'apt-get install openssl',
  perl: 'apt-get install perl-base',
  wrk: 'apt-get install wrk',
  nginx: 'apt-get install nginx-light',
  'docker-registry': 'apt-get install docker-registry',
  containerd: 'apt-get install containerd',
  ctr: 'apt-get install containerd',
} as const

export type ProgramName = keyof typeof installHints

/** Programs that the bench needs and that this machine lacks; the message says how to install them. */
export class MissingProgramError extends Error {
  override readonly name = 'MissingProgramError'

  constructor(missing: readonly ProgramName[]) {
    super(
      missing
        .map((name) => `${name} is not installed; on Debian or Ubuntu: ${installHints[name]}`)
        .join('\n'),
    )
  }
}

/** Throws MissingProgramError that names all that are missing. */
export const requirePrograms = async (names: Iterable<ProgramName>): Promise<void> => {
  const found = await Promise.all(
    [...new Set(names)].map(async (name) => ({ name, path: await findProgram(name) })),
  )
  const missing = found.filter(({ path }) => path === undefined).map(({ name }) => name)
  if (missing.length > 0) throw new MissingProgramError(missing)
}

/** The program's path. Throws MissingProgramError. */
export const locateProgram = async (name: ProgramName): Promise<string> => {
  const path = await findProgram(name)
  if (path === undefined) throw new MissingProgramError([name])
  return path
}

const findProgram = async (name: ProgramName): Promise<string | undefined> => {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...extraFolders]
  for (const folder of folders) {
    const path = join(folder, name)
    if (await isExecutable(path)) return path
  }
  return undefined
}

const isExecutable = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
