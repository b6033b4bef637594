import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryDirectory {
  readonly path: string
  /** Removes the folder with all it holds; calling it twice is fine. */
  remove(): Promise<void>
}

/** Makes an empty folder that only this user may enter. The caller removes it. */
export const makeTemporaryDirectory = async (
  prefix = 'entrepot-test-',
): Promise<TemporaryDirectory> => {
  const path = await mkdtemp(join(tmpdir(), prefix))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}
