import type { Command } from 'commander'
import { configOption, jsonOption, lazily } from './options.ts'

/** They work on the data folder, beside a running server too. */
export function addFolderCommands(program: Command): void {
  program
    .command('adopt')
    .description('take over the storage folder of a registry:2 or registry:3, which stays as it is')
    .argument('<folder>', "what rootdirectory: in that registry's configuration names")
    .option('--upstream <name>', 'it was filled by pulls from there, such as docker.io')
    .option('--dry-run', 'read and check everything, and take nothing')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/adopt.ts')).adopt))
  program
    .command('verify')
    .description('read all that is kept, and say what is damaged, lost or not recorded')
    .option('--repair', 'fetch again what was mirrored, and say what must be pushed again')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/verify.ts')).verify))
  program
    .command('audit')
    .description('who logged in, pushed, deleted, evicted by hand or changed the configuration')
    .option('--since <time>', 'from then on: 7d for the last seven days, or 2026-11-22T08:00')
    .option('--until <time>', 'before then')
    .option('--who <name>', 'a user, with all tokens of his, or a token')
    .option('--what <actions>', 'for example push,delete')
    .option('--from <address>', "a client's address")
    .option('--result <result>', 'ok, denied or failed')
    .option('--limit <count>', 'only so many, the newest; 200 without --json')
    .option(...configOption)
    .option('--json', 'print JSON lines')
    .action(lazily(async () => (await import('../commands/audit.ts')).audit))
  program
    .command('backup')
    .description(
      'back up the data folder, beside a running server too; into the same folder again: what is new',
    )
    .argument('<folder>', 'outside of the data folder, best on another disk')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/backup.ts')).backup))
  program
    .command('restore')
    .description('make the data folder of a backup, while no server runs')
    .argument('<folder>', 'of the backup')
    .option('--force', 'although the data folder is not empty; nothing of it is deleted')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/restore.ts')).restore))
}
