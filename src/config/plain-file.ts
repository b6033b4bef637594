import { readFile, stat } from 'node:fs/promises'

/** What a file holds, or what was found in its place. */
export type FileOutcome = { readonly text: string } | { readonly found: string }

/**
 * Reads a file that is read again when it changes, and so must be a plain one: a pipe would block
 * or be empty the second time, a device would never end.
 */
export async function readPlainFile(file: string, maxBytes: number): Promise<FileOutcome> {
  try {
    const status = await stat(file)
    if (status.isDirectory()) return { found: `a folder at ${file}` }
    if (!status.isFile()) return { found: `${file}, which is no plain file` }
    if (status.size > maxBytes) return { found: `${file}, which has ${status.size} bytes` }
    return { text: await readFile(file, 'utf8') }
  } catch (error) {
    return { found: describeFailure(error, file) }
  }
}

function describeFailure(error: unknown, file: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return `no file at ${file}`
  if (code === 'EACCES' || code === 'EPERM') return `${file}, which this user may not read`
  return `${file}, which cannot be read (${String(code ?? error)})`
}
