import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from './command-error.ts'

/** A mistyped folder would be made, and found to be without fault. Throws CommandError. */
export async function requireData(folder: string): Promise<void> {
  try {
    await access(join(folder, 'blobs'))
  } catch (cause) {
    const what = `there is no data folder at ${folder}: --config names the mirrors.yaml that says where it is`
    throw new CommandError(what, { cause })
  }
}
