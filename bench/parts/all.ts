import { coldBlob } from '../cold/cold-blob.ts'
import { coldImage } from '../cold/cold-image.ts'
import { coldSlow } from '../cold/cold-slow.ts'
import { growth } from '../growth/growth.ts'
import { keptBlob } from './kept-blob.ts'
import { keptManifest } from './kept-manifest.ts'
import type { OwnPart } from './own-part.ts'
import type { Part } from './part.ts'

const parts: readonly Part[] = [keptBlob, keptManifest]
const ownParts: readonly OwnPart[] = [coldBlob, coldSlow, coldImage, growth]

export const partNames: readonly string[] = [...parts, ...ownParts].map(({ name }) => name)

export const findParts = (names: readonly string[]): readonly Part[] =>
  parts.filter(({ name }) => names.includes(name))

export const findOwnParts = (names: readonly string[]): readonly OwnPart[] =>
  ownParts.filter(({ name }) => names.includes(name))
