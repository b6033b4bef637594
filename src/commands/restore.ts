import { resolve } from 'node:path'
import { type RestoreSummary, restoreBackup } from '../backup/restore-backup.ts'
import { systemClock } from '../clock.ts'
import { loadConfig } from '../config/load-config.ts'
import { formatBytes } from '../config/units.ts'
import { countBlobs, withOutput } from './backup-output.ts'

type Options = { readonly config: string; readonly force?: true; readonly json?: true }

/**
 * `entrepot restore`: makes the data folder of a backup. Ends with 1 where something of it is missing or
 * damaged; the rest is restored. Throws ConfigError and CommandError.
 */
export async function restore(folder: string, options: Options): Promise<void> {
  const { data } = await loadConfig(resolve(options.config), process.env)
  const from = resolve(folder)
  await withOutput(async (output) => {
    const summary = await restoreBackup({
      from,
      data,
      isForced: options.force === true,
      now: systemClock.now,
      onProgress: ({ blobs, of }) => output.progress(() => `${blobs} of ${countBlobs(of)}`),
      onProblem: (problem) => output.tell(problem),
    })
    output.close()
    if (summary.problems > 0) process.exitCode = 1
    const { seconds } = output
    const movedTo = summary.movedTo ?? null
    const said = { folder: from, data, ...summary, movedTo, seconds, problems: output.problems }
    process.stdout.write(
      options.json ? `${JSON.stringify(said)}\n` : describe(data, summary, seconds),
    )
  })
}

function describe(data: string, summary: RestoreSummary, seconds: number): string {
  const { endsAt, blobs, bytes, linked, copied, there, problems, movedTo } = summary
  const lines = [
    `${data} holds all that was pushed and kept before ${endsAt}: ${countBlobs(blobs)}, ${formatBytes(bytes)}, each verified`,
    `${linked} linked, ${copied} copied, ${there} there already; ${seconds} s`,
  ]
  if (movedTo !== undefined) lines.push(`the database that was there is kept as ${movedTo}`)
  if (problems > 0) {
    lines.push(
      `${countBlobs(problems)}, named above, couldn't be restored: what an upstream has is fetched again, and what was pushed has to be pushed again`,
    )
  }
  return lines.map((line) => `${line}\n`).join('')
}
