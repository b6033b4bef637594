import { fstatSync, write } from 'node:fs'
import { Socket } from 'node:net'
import { promisify } from 'node:util'

const writeFile = promisify(write)

export type Unwritten = {
  /** What follows them couldn't be written. */
  readonly writtenBytes: number
  readonly error: Error
  /** Whether nothing can be written any more, as when a pipe's other end is closed. */
  readonly isFinal: boolean
}

/** Writes to one file descriptor; one write at a time. */
export type DescriptorWriter = {
  /** Resolves when all is written or the rest can't be. */
  readonly write: (bytes: Buffer) => Promise<Unwritten | undefined>
  /** Gives up a write that waits, so that the process can end. */
  readonly abandon: () => void
}

/**
 * A pipe is written as a socket is, without blocking: a write that blocks in the thread pool can't be
 * given up, and the process couldn't end before its reader goes on.
 */
export function openDescriptorWriter(descriptor: number): DescriptorWriter {
  const stat = fstatSync(descriptor)
  return stat.isFIFO() || stat.isSocket() ? openPipe(descriptor) : openFile(descriptor)
}

function openPipe(descriptor: number): DescriptorWriter {
  const pipe = new Socket({ fd: descriptor, readable: false, writable: true })
  // Each write hears of it by itself.
  pipe.on('error', () => {})
  const write = (bytes: Buffer) =>
    new Promise<Unwritten | undefined>((resolve) => {
      pipe.write(bytes, (error) =>
        resolve(error ? { writtenBytes: 0, error, isFinal: true } : undefined),
      )
    })
  return { write, abandon: () => void pipe.destroy() }
}

function openFile(descriptor: number): DescriptorWriter {
  const writeAll = async (bytes: Buffer) => {
    let writtenBytes = 0
    try {
      while (writtenBytes < bytes.length)
        writtenBytes += (await writeFile(descriptor, bytes, writtenBytes)).bytesWritten
      return undefined
    } catch (error) {
      return { writtenBytes, error: error as Error, isFinal: false }
    }
  }
  return { write: writeAll, abandon: () => {} }
}
