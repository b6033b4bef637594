import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { pushImage } from './push-image.ts'
import { type EndedCommand, runCommand } from './run-command.ts'
import { makeFolder } from './start-mirrored.ts'
import { type StartedServer, startServer, writeConfig } from './start-server.ts'

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

/** A server that anyone may push to, until the test ends. */
export const startPushable = async (place: string): Promise<StartedServer> => {
  const server = await startServer(place, { access: { anonymous: 'push' } })
  onTestFinished(() => server.stop())
  return server
}

/** What was pushed, and the digest of one of its two layers. */
export type SmallPush = {
  readonly repository: string
  readonly tag: string
  readonly digest: string
  readonly layer: string
}

export const pushSmall = async (server: StartedServer, tag: string): Promise<SmallPush> => {
  const recipe = { seed: tag, layerSizes: [4000, 9000] }
  const image = await pushImage(server, 'team/app', { tag, recipe })
  expect(image.reply.status).toBe(201)
  const pushed = { repository: 'team/app', tag, digest: image.descriptor.digest }
  return { ...pushed, layer: image.layers[0]?.digest ?? '' }
}

/** Of a data folder or a backup. */
export const fileOf = (folder: string, digest: string): string =>
  join(folder, 'blobs', digest.replace(':', '/'))

/** Runs `entrepot backup` or `restore`; `place` has the mirrors.yaml. */
export const run = (
  command: 'backup' | 'restore',
  folder: string,
  { place, flags = [] }: { readonly place: string; readonly flags?: readonly string[] },
): Promise<EndedCommand> =>
  runCommand(command, folder, '--config', join(place, 'mirrors.yaml'), '--json', ...flags)
