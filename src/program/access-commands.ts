import type { Command } from 'commander'
import { configOption, jsonOption, lazily } from './options.ts'

/** They work on the data folder, beside a running server too. */
export function addAccess(program: Command): void {
  const user = program.command('user').description('add, change, remove and list users')
  user
    .command('add')
    .description('add a user, or give one another password: asked for, or the first line of stdin')
    .argument('<name>', 'such as alice')
    .option(...configOption)
    .action(lazily(async () => (await import('../commands/user.ts')).addUser))
  user
    .command('rm')
    .description('remove a user, and the tokens that act for them')
    .argument('<name>')
    .option(...configOption)
    .action(lazily(async () => (await import('../commands/user.ts')).removeUser))
  user
    .command('ls')
    .description('list the users, and who of them cannot log in')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/user.ts')).listUsers))
  addTokens(program)
}

function addTokens(program: Command): void {
  program
    .command('access')
    .description('tell whether somebody may do something, and by which setting')
    .argument('<who>', 'a user, a token, or anonymous')
    .argument('<repository>', 'team/app, docker.io/library/node, or "**" for all there is')
    .argument('<action>', 'pull, push, delete or admin')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/access.ts')).explainAccess))
  const token = program
    .command('token')
    .description('make, revoke and list tokens, which take the place of a password')
  token
    .command('create')
    .description('make a token, and print it this once')
    .requiredOption('--name <name>', 'such as ci; rules under access.rules know it by this')
    .option('--user <user>', 'it acts for this user; without, it is a robot and stands for itself')
    .option('--may <actions>', 'pull, push, delete, admin, with commas between them')
    .option('--repositories <globs...>', 'only there, for example "team/**"')
    .option('--expires <time>', 'so long from now, for example 90d; without, never')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/token.ts')).createToken))
  token
    .command('revoke')
    .description('make a token good for nothing, at once')
    .argument('<name>')
    .option(...configOption)
    .action(lazily(async () => (await import('../commands/token.ts')).revokeToken))
  token
    .command('ls')
    .description('list the tokens, what they may, and when they were used last')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/token.ts')).listTokens))
  token
    .command('rotate-key')
    .description('sign what /token gives out with a new key from now on')
    .option(...configOption)
    .action(lazily(async () => (await import('../commands/token.ts')).rotateKey))
}
