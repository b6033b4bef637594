import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const project = join(import.meta.dirname, '../..')

/** The program as people run it: built, it starts in a third of the time, and hundreds of tests start one. */
export const builtMain = join(project, 'dist/main.js')

/** Before the first test: builds it, unless that was done since anything has changed. */
export const setup = async (): Promise<void> => {
  const { stderr } = await promisify(execFile)(process.execPath, ['build.ts', '--if-stale'], {
    cwd: project,
  })
  if (stderr !== '') console.warn(stderr)
}
