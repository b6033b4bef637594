/** What is there in place of bytes, whoever reads it: a failing disk, damage that the file system found, no file. */
const codes: readonly string[] = ['EIO', 'EISDIR', 'EBADMSG', 'EUCLEAN', 'ELOOP', 'ENXIO']

/** Whether a file of its own can't be read; any other error is about the machine. */
export function isUnreadable(error: unknown): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '')
}
