import { runCommand } from './background-process.ts'

export interface RawPull {
  /** True when curl got a success and all the bytes that were announced. */
  readonly isComplete: boolean
  /** Of what arrived. */
  readonly digest: string
}

const script = 'set -o pipefail; curl --silent --show-error --fail "$0" | openssl dgst -sha256 -r'

/** Gets a URL with curl, a process and a connection of its own, and says what arrived. */
export const pullRaw = async (url: string): Promise<RawPull> => {
  const { exitCode, stdout } = await runCommand(['bash', '-c', script, url])
  return { isComplete: exitCode === 0, digest: `sha256:${stdout.split(' ')[0]}` }
}
