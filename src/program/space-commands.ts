import type { Command } from 'commander'
import { configOption, jsonOption, lazily, serverOption } from './options.ts'

export function addSpace(program: Command): void {
  program
    .command('evict')
    .description('make room now: mirrored images that were pulled least recently go')
    .option('--to <share>', 'until so much of the disk is in use, for example 60%')
    .option('--dry-run', 'say what would go, and how much that frees')
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/evict.ts')).evict))
  program
    .command('why')
    .description('tell why an image or a blob is kept, or when and why it went')
    .argument('<image>', 'docker.io/library/node:20, team/app@sha256:..., or a digest alone')
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/why.ts')).why))
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
    .action(lazily(async () => (await import('../commands/pin.ts')).pin))
  program
    .command('unpin')
    .description('let pinned images age again')
    .argument('<image...>', 'as they were pinned')
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(lazily(async () => (await import('../commands/pin.ts')).unpin))
}
