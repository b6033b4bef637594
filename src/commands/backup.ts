import { resolve } from 'node:path'
import { type BackupProgress, type BackupSummary, makeBackup } from '../backup/make-backup.ts'
import { systemClock } from '../clock.ts'
import { loadConfig } from '../config/load-config.ts'
import { formatBytes } from '../config/units.ts'
import { countBlobs, withOutput } from './backup-output.ts'

type Options = { readonly config: string; readonly json?: true }

/**
 * `entrepot backup`: backs up the data folder, beside a running server too. Ends with 1 where a blob
 * couldn't be had. Throws ConfigError and CommandError.
 */
export async function backup(folder: string, { config: file, json }: Options): Promise<void> {
  const { data } = await loadConfig(resolve(file), process.env)
  const to = resolve(folder)
  await withOutput(async (output) => {
    const summary = await makeBackup({
      data,
      to,
      now: systemClock.now,
      onProgress: (progress) => output.progress(() => describeProgress(progress)),
      onProblem: (problem) => output.tell(problem),
    })
    output.close()
    if (summary.problems > 0) process.exitCode = 1
    const { seconds } = output
    const said = { folder: to, ...summary, seconds, problems: output.problems }
    process.stdout.write(json ? `${JSON.stringify(said)}\n` : describe(to, summary, seconds))
  })
}

function describeProgress({ step, blobs }: BackupProgress): string {
  if (step === 'blobs') return `${countBlobs(blobs)} looked at`
  if (step === 'database') return 'the database is copied'
  if (step === 'new blobs') return `${countBlobs(blobs)} new so far`
  return `${countBlobs(blobs)} looked at for what is no longer needed`
}

function describe(folder: string, summary: BackupSummary, seconds: number): string {
  const { endsAt, blobs, bytes, linked, copied, newBytes, removed, problems } = summary
  const lines = [
    `${folder} holds all that was pushed and kept before ${endsAt}: ${countBlobs(blobs)}, ${formatBytes(bytes)}`,
    `new: ${countBlobs(linked + copied)}, ${formatBytes(newBytes)} (${linked} linked, ${copied} copied); removed: ${removed}; ${seconds} s`,
  ]
  if (problems > 0) {
    lines.push(
      `${countBlobs(problems)}, named above, couldn't be had, and the backup is without them: "entrepot verify --repair" heals what an upstream has, and what was pushed has to be pushed again`,
    )
  }
  return lines.map((line) => `${line}\n`).join('')
}
