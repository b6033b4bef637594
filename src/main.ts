#!/usr/bin/env node
import { type Command, CommanderError } from 'commander'
import { CommandError } from './commands/command-error.ts'
import { ConfigError } from './config/config-error.ts'
import { createProgram } from './program.ts'

/** Exit codes of every command. */
const failed = 1
const wrongUsage = 2

async function main(): Promise<number> {
  try {
    const program = createProgram()
    refuseUnknown(program, process.argv[2])
    await program.parseAsync()
    // Set by a command that ran well and found something wrong.
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage
    process.stderr.write(`${explain(error)}\n`)
    return error instanceof CommandError ? error.exitCode : failed
  }
}

/** Else it would be taken for what is wrong with `serve`, which runs where no command is named. */
function refuseUnknown(program: Command, name = '-'): void {
  const names = ['help', ...program.commands.map((command) => command.name())]
  if (name.startsWith('-') || names.includes(name)) return
  const what = `there is no command ${JSON.stringify(name)}: wanted one of ${names.join(', ')}`
  throw new CommandError(what, { isUsage: true })
}

/** What a person can act on; the rest of an error is for developers. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof CommandError) return error.message
  const { code, message, syscall } = error as NodeJS.ErrnoException
  if (code?.startsWith('ENTREPOT_')) return message
  if (syscall === 'listen') return explainListening(code, message)
  if (/^(EACCES|EPERM|EROFS)$/.test(code ?? '')) return `${message}: ${noRight}`
  if (code === 'ENOSPC' || code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') {
    return `${message}: the disk that holds data: is full; free some space (1 MB will do) and start again`
  }
  if (code?.startsWith('SQLITE_BUSY')) {
    return `${message}: another process has been writing to entrepot.db under data: for too long; run this again`
  }
  if (/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/.test(code ?? '')) {
    return `the database entrepot.db under data: can't be opened: ${message}: ${noRight}`
  }
  if (code?.startsWith('SQLITE_')) {
    return `the database entrepot.db under data: can't be used: ${message}. It alone knows what was pushed here. Where it is damaged, snapshots/ holds none that could take its place: restore a backup ("entrepot restore DIR --force"). Without one, move it away (don't delete it) and start again: what was mirrored is found in blobs/ and used again once upstream confirms it, and what was pushed must be pushed again`
  }
  return error instanceof Error ? (error.stack ?? message) : String(error)
}

/** It may be the data folder, or what a command was told to read or to write. */
const noRight =
  'the user that runs this has no right to it. Run it as one who has, as a rule the user that the server runs as, or change the rights; data: in mirrors.yaml names the data folder'

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
// What is kept is for the server's eyes alone: passwords' hashes, and what tokens are signed with.
process.umask(process.umask() | 0o077)
process.exitCode = await main()
