import type { Logger } from 'pino'
import type { EndedBackup } from '../backup/any-backups.ts'
import { formatBytes } from '../config/units.ts'

/** Tells how a backup that was asked for over the network has ended. */
export function tellOfBackups(logger: Logger): (ended: EndedBackup) => void {
  return ({ name, state, summary, error }) => {
    if (summary) {
      const { blobs, bytes, newBytes, problems } = summary
      const facts = { backup: name, blobs, bytes, newBytes, problems }
      const lacking = problems > 0 ? `, without ${problems} blobs that couldn't be had` : ''
      logger[problems > 0 ? 'warn' : 'info'](
        facts,
        `backup ${name} is made, ${formatBytes(bytes)}${lacking}`,
      )
    } else if (state === 'stopped') logger.info({ backup: name }, `backup ${name} was stopped`)
    else logger.error({ backup: name }, `backup ${name} failed: ${error}`)
  }
}
