import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type EndedCommand, runCommand } from './run-command.ts'
import { makeFolder } from './start-mirrored.ts'
import { writeConfig } from './start-server.ts'

const memory = '/dev/shm'

/** Whether there is a file system to which nothing of the temporary folder can be linked. */
export const isAnotherDisk = existsSync(memory) && statSync(memory).dev !== statSync(tmpdir()).dev

/** A folder on another file system, until the test ends. */
export const makeFolderElsewhere = async (): Promise<string> => {
  const folder = await mkdtemp(join(memory, 'entrepot-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A folder with a mirrors.yaml whose data folder is in it, and isn't made yet. */
export const makeEmptyPlace = async (): Promise<string> => {
  const folder = await makeFolder()
  await writeConfig(folder, {})
  return folder
}

/** Runs `entrepot backup` or `restore`; `place` has the mirrors.yaml. */
export const run = (
  command: 'backup' | 'restore',
  folder: string,
  { place, flags = [] }: { readonly place: string; readonly flags?: readonly string[] },
): Promise<EndedCommand> =>
  runCommand(command, folder, '--config', join(place, 'mirrors.yaml'), '--json', ...flags)
