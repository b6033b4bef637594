import { keptBlob } from './kept-blob.ts'
import { keptManifest } from './kept-manifest.ts'
import type { Part } from './part.ts'

const parts: readonly Part[] = [keptBlob, keptManifest]

export const partNames: readonly string[] = parts.map(({ name }) => name)

export const findParts = (names: readonly string[]): readonly Part[] =>
  parts.filter(({ name }) => names.includes(name))
