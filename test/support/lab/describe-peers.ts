import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, test } from 'vitest'
import { type Lab, useLab } from './lab.ts'

const alwaysNeeded = ['docker-registry', 'bash', 'curl', 'ip', 'unshare', 'nsenter']

/**
 * Describes tests that need programs which aren't ours. Where one is missing they are skipped and
 * the reason is printed; with REQUIRE_PEERS=1 they fail instead.
 */
export const describePeers = (
  title: string,
  programs: readonly string[],
  define: (lab: Lab) => void,
): void => {
  const reason = findReasonToSkip([...programs, ...alwaysNeeded])
  if (reason === undefined) {
    describe(title, () => define(useLab()))
  } else if (process.env.REQUIRE_PEERS === '1') {
    test(title, () => {
      throw new Error(reason)
    })
  } else {
    console.warn(`skipped: ${title}: ${reason}`)
    test.skip(`${title} (${reason})`)
  }
}

const findReasonToSkip = (programs: readonly string[]): string | undefined => {
  const missing = programs.filter((program) => !isInstalled(program))
  if (missing.length > 0) return `test/setup-debian.sh installs ${missing.join(', ')}`
  if (process.getuid?.() !== 0) return 'containers and network namespaces need root'
  const { status } = spawnSync('unshare', ['--net', '--mount', 'true'])
  return status === 0 ? undefined : 'this machine allows no network namespace'
}

const isInstalled = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => canRun(join(folder, program)))

const canRun = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
