import { createCipheriv, createHash } from 'node:crypto'

/** To be raised when a seed comes to mean other bytes: digests that were kept hold no longer then. */
export const contentVersion = 1

const chunkBytes = 256 * 1024
const zeros = Buffer.alloc(chunkBytes)
const cipherBlockBytes = 16

/**
 * The bytes from `start` up to, not including, `end` of the content that belongs to a seed. They
 * are a cipher's key stream, so any place of it is reached at once, at gigabytes a second, and no
 * layer has to lie on a disk. Nothing on the way can compress them.
 */
export function* readSeededContent(seed: number, start: number, end: number): Generator<Buffer> {
  const key = Buffer.alloc(16)
  key.writeUInt32BE(seed)
  const firstBlock = Math.floor(start / cipherBlockBytes)
  const counter = Buffer.alloc(cipherBlockBytes)
  counter.writeBigUInt64BE(BigInt(firstBlock), 8)
  const cipher = createCipheriv('aes-128-ctr', key, counter)
  cipher.update(zeros.subarray(0, start - firstBlock * cipherBlockBytes))
  for (let left = end - start; left > 0; left -= chunkBytes)
    yield cipher.update(zeros.subarray(0, Math.min(left, chunkBytes)))
}

export const digestSeededContent = (seed: number, sizeBytes: number): string => {
  const hash = createHash('sha256')
  for (const chunk of readSeededContent(seed, 0, sizeBytes)) hash.update(chunk)
  return `sha256:${hash.digest('hex')}`
}

export const digestText = (text: string): string =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`
