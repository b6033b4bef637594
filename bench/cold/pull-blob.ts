import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PullOrder, PullReport } from './pull-order.ts'

const run = promisify(execFile)
const processFile = join(import.meta.dirname, 'pull-process.ts')

/** Pulls a blob with many clients at once, from a process of its own. Throws when an answer is wrong. */
export const pullBlob = async (order: PullOrder, signal: AbortSignal): Promise<PullReport> => {
  const args = [processFile, JSON.stringify(order)]
  const { stdout } = await run(process.execPath, args, { signal, killSignal: 'SIGKILL' })
  const report = JSON.parse(stdout) as PullReport
  const [fault] = report.faults
  if (fault !== undefined) throw new Error(`a pull of ${order.url} went wrong: ${fault}`)
  return report
}
