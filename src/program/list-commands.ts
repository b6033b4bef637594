import type { Command } from 'commander'
import { configOption, jsonOption, lazily, serverOption } from './options.ts'

export function addLists(program: Command): void {
  program
    .command('ls')
    .description('list the repositories of which something is kept, or the tags of one')
    .argument('[repository]', 'such as team/app or docker.io/library/alpine')
    .option(...configOption)
    .option(...serverOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/ls.ts')).ls))
  program
    .command('inspect')
    .description('tell what an image consists of, and how much of it is kept')
    .argument('<image>', 'such as team/app:1 or docker.io/library/alpine@sha256:...')
    .option(...configOption)
    .option(...serverOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/inspect.ts')).inspect))
  program
    .command('budget')
    .description(
      "tell what is left of Docker Hub's limit on pulls, how long it lasts, and who uses it",
    )
    .option(...configOption)
    .option(...serverOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/budget.ts')).budget))
}
