import { Command } from 'commander'

const configOption = ['--config <file>', 'the configuration', './mirrors.yaml'] as const
const serverOption = [
  '--server <url>',
  'the server to ask, such as http://host:5000; without it, the one that the configuration describes',
] as const
const jsonOption = ['--json', 'print JSON'] as const

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

function addLists(program: Command): void {
  program
    .command('ls')
    .description('list the repositories of which something is kept, or the tags of one')
    .argument('[repository]', 'such as team/app or docker.io/library/alpine')
    .option(...configOption)
    .option(...serverOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/ls.ts')).ls))
  program
    .command('inspect')
    .description('tell what an image consists of, and how much of it is kept')
    .argument('<image>', 'such as team/app:1 or docker.io/library/alpine@sha256:...')
    .option(...configOption)
    .option(...serverOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/inspect.ts')).inspect))
}

function addRemovals(program: Command): void {
  program
    .command('rm')
    .description(
      'remove pushed images, with what refers to them; their space is freed once no push can count on it',
    )
    .argument('<image...>', 'team/app:1, team/app@sha256:...')
    .option('--repository', 'remove all of a repository; its name is free then')
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/rm.ts')).rm))
  program
    .command('prune')
    .description('remove old pushes, by these rules or by hosted.retention of mirrors.yaml')
    .option('--repositories <globs...>', 'only there, for example "iac/**"')
    .option('--tags <pattern>', 'only these tags, a regular expression')
    .option('--keep-last <count>', 'how many of the newest stay in each repository')
    .option('--max-age <time>', 'how long all stay, for example 30d')
    .option('--dry-run', 'say what would be removed')
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/prune.ts')).prune))
  program
    .command('copy')
    .description('make an image that is kept here a hosted one, without the network')
    .argument('<from>', 'docker.io/library/node:20, or team/app:1')
    .argument('<to>', 'node:20')
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/copy.ts')).copy))
}

function addSpace(program: Command): void {
  program
    .command('evict')
    .description('make room now: mirrored images that were pulled least recently go')
    .option('--to <share>', 'until so much of the disk is in use, for example 60%')
    .option('--dry-run', 'say what would go, and how much that frees')
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/evict.ts')).evict))
  program
    .command('why')
    .description('tell why an image or a blob is kept, or when and why it went')
    .argument('<image>', 'docker.io/library/node:20, team/app@sha256:..., or a digest alone')
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/why.ts')).why))
  program
    .command('pin')
    .description('never evict these images; without any, list what is pinned')
    .argument(
      '[image...]',
      'docker.io/library/node:20, or a pattern: "docker.io/library/node:20-*"',
    )
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/pin.ts')).pin))
  program
    .command('unpin')
    .description('let pinned images age again')
    .argument('<image...>', 'as they were pinned')
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/pin.ts')).unpin))
}

/** They work on the data folder, beside a running server too. */
function addFolderCommands(program: Command): void {
  program
    .command('adopt')
    .description('take over the storage folder of a registry:2 or registry:3, which stays as it is')
    .argument('<folder>', "what rootdirectory: in that registry's configuration names")
    .option('--upstream <name>', 'it was filled by pulls from there, such as docker.io')
    .option('--dry-run', 'read and check everything, and take nothing')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/adopt.ts')).adopt))
  program
    .command('verify')
    .description('read all that is kept, and say what is damaged, lost or not recorded')
    .option('--repair', 'fetch again what was mirrored, and say what must be pushed again')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/verify.ts')).verify))
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
    .action(lazily(async () => (await import('./commands/audit.ts')).audit))
  program
    .command('backup')
    .description(
      'back up the data folder, beside a running server too; into the same folder again: what is new',
    )
    .argument('<folder>', 'outside of the data folder, best on another disk')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/backup.ts')).backup))
  program
    .command('restore')
    .description('make the data folder of a backup, while no server runs')
    .argument('<folder>', 'of the backup')
    .option('--force', 'although the data folder is not empty; nothing of it is deleted')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/restore.ts')).restore))
}

/** They work on the data folder, beside a running server too. */
function addAccess(program: Command): void {
  const user = program.command('user').description('add, change, remove and list users')
  user
    .command('add')
    .description('add a user, or give one another password: asked for, or the first line of stdin')
    .argument('<name>', 'such as alice')
    .option(...configOption)
    .action(lazily(async () => (await import('./commands/user.ts')).addUser))
  user
    .command('rm')
    .description('remove a user, and the tokens that act for them')
    .argument('<name>')
    .option(...configOption)
    .action(lazily(async () => (await import('./commands/user.ts')).removeUser))
  user
    .command('ls')
    .description('list the users, and who of them cannot log in')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/user.ts')).listUsers))
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
    .action(lazily(async () => (await import('./commands/access.ts')).explainAccess))
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
    .action(lazily(async () => (await import('./commands/token.ts')).createToken))
  token
    .command('revoke')
    .description('make a token good for nothing, at once')
    .argument('<name>')
    .option(...configOption)
    .action(lazily(async () => (await import('./commands/token.ts')).revokeToken))
  token
    .command('ls')
    .description('list the tokens, what they may, and when they were used last')
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('./commands/token.ts')).listTokens))
  token
    .command('rotate-key')
    .description('sign what /token gives out with a new key from now on')
    .option(...configOption)
    .action(lazily(async () => (await import('./commands/token.ts')).rotateKey))
}

/** A command's code is read only when it is called: it needs little of what the others do. */
function lazily<Args extends unknown[]>(
  load: () => Promise<(...args: Args) => Promise<void> | void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    const act = await load()
    await act(...args)
  }
}
