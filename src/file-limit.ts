import { readFileSync } from 'node:fs'

/** Where it can't be found out: what most systems allow. */
const usualFiles = 4_096
/** More than anybody needs, where there is no limit. */
const plentyOfFiles = 1_000_000

/** How many files and connections this process may have open; Node has raised it as far as it may. */
export function readFileLimit(): number {
  const [, found] = /^Max open files\s+(\w+)/m.exec(readLimits()) ?? []
  if (found === 'unlimited') return plentyOfFiles
  return Number(found) || usualFiles
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1')
  } catch {
    // It isn't Linux.
    return ''
  }
}
