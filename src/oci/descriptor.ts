import { type Digest, isDigest } from './digest.ts'

/** The part of a descriptor that a mirror needs (image-spec, descriptor.md). */
export type Descriptor = {
  readonly mediaType: string
  readonly digest: Digest
  readonly sizeBytes: number
}

/** Undefined unless media type, digest and size are all there and valid. */
export function readDescriptor(value: unknown): Descriptor | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { mediaType, digest, size } = value as Record<string, unknown>
  if (typeof mediaType !== 'string' || typeof digest !== 'string' || !isDigest(digest))
    return undefined
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined
  return { mediaType, digest, sizeBytes: size }
}

/** Those of the values that are descriptors. */
export function readDescriptors(values: readonly unknown[]): Descriptor[] {
  return values.flatMap((value) => readDescriptor(value) ?? [])
}
