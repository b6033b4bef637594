import type { Command } from 'commander'
import { configOption, jsonOption, lazily, serverOption } from './options.ts'

export function addRemovals(program: Command): void {
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
    .action(lazily(async () => (await import('../commands/rm.ts')).rm))
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
    .action(lazily(async () => (await import('../commands/prune.ts')).prune))
  program
    .command('copy')
    .description('make an image that is kept here a hosted one, without the network')
    .argument('<from>', 'docker.io/library/node:20, or team/app:1')
    .argument('<to>', 'node:20')
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/copy.ts')).copy))
}
