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
  addReport(program)
}

function addReport(program: Command): void {
  program
    .command('report')
    .description('tell who pulled what, and what it saved')
    .option(
      '--by <dimensions>',
      'image, repository, client, user, upstream, outcome, hour or day, or some with commas between; image without',
    )
    .option('--since <time>', 'from then on: 7d (without), 12h, 2026-11-01, 2026-11-22T08:00Z')
    .option('--until <time>', 'before then; until now without')
    .option('--client <names...>', 'only of these clients')
    .option('--user <names...>', 'only of these users, as the report calls them')
    .option('--upstream <names...>', 'only of these upstreams; hosted for what was pushed here')
    .option('--repository <name>', 'only of this repository, such as docker.io/library/node')
    .option(
      '--image <name>',
      'only of this image, such as docker.io/library/node:20; of latest without a tag',
    )
    .option('--outcome <words...>', 'only what ended so, such as miss or denied')
    .option('--top <count>', 'so many rows, the others summed; 20 on a terminal, 0 for all')
    .option('--csv', 'print CSV, for a spreadsheet')
    .option('--html', 'print a page with charts, for a mail or a browser')
    .option('--markdown', 'print the same as Markdown')
    .option(...configOption)
    .option(...serverOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/report.ts')).report))
}
