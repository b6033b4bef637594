#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { check } from './commands/check.ts'
import { CommandError } from './commands/command-error.ts'
import { copy } from './commands/copy.ts'
import { inspect } from './commands/inspect.ts'
import { ls } from './commands/ls.ts'
import { prune } from './commands/prune.ts'
import { rm } from './commands/rm.ts'
import { serve } from './commands/serve.ts'
import { ConfigError } from './config/config-error.ts'

/** Exit codes of every command. */
const failed = 1
const wrongUsage = 2

const configOption = ['--config <file>', 'the configuration', './mirrors.yaml'] as const
const serverOption = [
  '--server <url>',
  'the server to ask, such as http://host:5000; without it, the one that the configuration describes',
] as const
const jsonOption = ['--json', 'print JSON'] as const

function createProgram(): Command {
  const program = new Command('entrepot')
    .description('A pull-through caching mirror for container images.')
    .exitOverride()
  program
    .command('serve', { isDefault: true })
    .description('run the server')
    .option(...configOption)
    .action(serve)
  program
    .command('check')
    .description(
      'say what is wrong with the configuration, or print it with all defaults filled in',
    )
    .option(...configOption)
    .option('--live', 'ask every upstream whether it answers, takes the login, and what is left')
    .option('--json', 'with --live: print JSON')
    .action(check)
  addLists(program)
  addHostedCommands(program)
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
    .action(ls)
  program
    .command('inspect')
    .description('tell what an image consists of, and how much of it is kept')
    .argument('<image>', 'such as team/app:1 or docker.io/library/alpine@sha256:...')
    .option(...configOption)
    .option(...serverOption)
    .option(...jsonOption)
    .action(inspect)
}

/** What is done to pushed images, by a server that runs. */
function addHostedCommands(program: Command): void {
  program
    .command('rm')
    .description('remove pushed images, with what refers to them; their space is freed soon after')
    .argument('<image...>', 'team/app:1, team/app@sha256:...')
    .option('--repository', 'remove all of a repository; its name is free then')
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(rm)
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
    .action(prune)
  program
    .command('copy')
    .description('make an image that is kept here a hosted one, without the network')
    .argument('<from>', 'docker.io/library/node:20, or team/app:1')
    .argument('<to>', 'node:20')
    .option(...serverOption)
    .option(...configOption)
    .option(...jsonOption)
    .action(copy)
}

async function main(): Promise<number> {
  try {
    await createProgram().parseAsync()
    // Set by a command that ran well and found something wrong.
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage
    process.stderr.write(`${explain(error)}\n`)
    return error instanceof CommandError ? error.exitCode : failed
  }
}

/** What a person can act on; the rest of an error is for developers. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof CommandError) return error.message
  const { code, message, syscall } = error as NodeJS.ErrnoException
  if (syscall === 'listen') return explainListening(code, message)
  if (code === 'EACCES' || code === 'EROFS') {
    return `${message}: entrepot may not write there; change data: in mirrors.yaml`
  }
  if (code === 'ENOSPC' || code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') {
    return `${message}: the disk that holds data: is full; free some space (1 MB will do) and start again`
  }
  if (code?.startsWith('SQLITE_')) {
    return `the database entrepot.db under data: can't be used: ${message}. Move it away and start again: what blobs/ holds is found and used again once upstream confirms it`
  }
  return error instanceof Error ? (error.stack ?? message) : String(error)
}

function explainListening(code: string | undefined, message: string): string {
  if (code === 'EADDRINUSE')
    return `${message}: another program listens there; change listen: in mirrors.yaml`
  if (code === 'EACCES')
    return `${message}: ports below 1024 need root; change listen: in mirrors.yaml`
  return `${message}: change listen: in mirrors.yaml to an address of this machine`
}

// Whoever reads what is printed may stop before its end, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
process.exitCode = await main()
