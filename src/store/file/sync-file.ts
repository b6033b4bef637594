import { open } from 'node:fs/promises'

/** What the file or folder holds is on the disk when this resolves. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
