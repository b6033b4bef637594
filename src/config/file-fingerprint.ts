import { realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What tells that files changed without reading them: through links, by inode, time and size. */
export async function fingerprintFiles(files: readonly string[]): Promise<string> {
  const prints = await Promise.all(files.map(fingerprintFile))
  return prints.join('\n')
}

/**
 * The folders in which a change to the files shows: where they are named, and where a link leads.
 * Folders and not files, since editors and Kubernetes replace a file instead of writing to it.
 */
export async function foldersOf(files: readonly string[]): Promise<ReadonlySet<string>> {
  const real = await Promise.all(files.map((file) => realpath(file).catch(() => file)))
  return new Set([...files, ...real].map((file) => dirname(file)))
}

async function fingerprintFile(file: string): Promise<string> {
  try {
    const { ino, mtimeNs, size } = await stat(file, { bigint: true })
    return `${file} ${ino} ${mtimeNs} ${size}`
  } catch {
    return `${file} missing`
  }
}
