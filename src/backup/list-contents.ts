import { readdir } from 'node:fs/promises'

/** What an empty file system has; the second one of Windows, on a stick. */
const ofFileSystem: readonly string[] = ['lost+found', 'System Volume Information']

/** What somebody put into the folder. */
export async function listContents(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !ofFileSystem.includes(name))
}
