#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { check } from './commands/check.ts'
import { serve } from './commands/serve.ts'
import { ConfigError } from './config/config-error.ts'

/** Exit codes of every command. */
const failed = 1
const wrongUsage = 2

const configOption = ['--config <file>', 'the configuration', './mirrors.yaml'] as const

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
    .action(check)
  for (const command of program.commands) command.exitOverride()
  return program
}

async function main(): Promise<number> {
  try {
    await createProgram().parseAsync()
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage
    process.stderr.write(`${explain(error)}\n`)
    return failed
  }
}

/** What a person can act on; the rest of an error is for developers. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return `${message}: another program listens there; change listen: in mirrors.yaml`
  if (code === 'EACCES' || code === 'EROFS')
    return `${message}: entrepot may not write there; change data: in mirrors.yaml`
  return error instanceof Error ? (error.stack ?? message) : String(error)
}

process.exitCode = await main()
