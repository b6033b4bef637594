import { Command } from 'commander'
import { addAccess } from './program/access-commands.ts'
import { addFolderCommands } from './program/folder-commands.ts'
import { addLists } from './program/list-commands.ts'
import { configOption, lazily } from './program/options.ts'
import { addRemovals } from './program/removal-commands.ts'
import { addSpace } from './program/space-commands.ts'

/** What the command line takes: each command is a file under commands/. */
export function createProgram(): Command {
  const program = new Command('entrepot')
    .description('A pull-through caching mirror and private registry for container images.')
    .exitOverride()
  program
    .command('serve', { isDefault: true })
    .description('run the server')
    .option(...configOption)
    .action(lazily(async () => (await import('./commands/serve.ts')).serve))
  program
    .command('check')
    .description(
      'say what is wrong with the configuration, or print it with all defaults filled in',
    )
    .option(...configOption)
    .option('--live', 'ask every upstream whether it answers, takes the login, and what is left')
    .option('--json', 'with --live: print JSON')
    .action(lazily(async () => (await import('./commands/check.ts')).check))
  addLists(program)
  addRemovals(program)
  addSpace(program)
  addFolderCommands(program)
  addAccess(program)
  for (const command of program.commands) command.exitOverride()
  return program
}
