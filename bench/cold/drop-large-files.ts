import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const usualLargeBytes = 256 * 1024

/**
 * Removes the content below a folder that is worth it. For what is measured once and never asked
 * for again: else the copies of all servers together would be more than a small disk holds.
 */
export const dropLargeFiles = async (
  directory: string,
  largeBytes = usualLargeBytes,
): Promise<void> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name)
    if (entry.isFile() && (await sizeOf(file)) >= largeBytes) await rm(file, { force: true })
  }
}

const sizeOf = async (file: string): Promise<number> => {
  try {
    return (await stat(file)).size
  } catch {
    return 0
  }
}
