import { coldBlob } from '../cold/cold-blob.ts'
import { coldImage } from '../cold/cold-image.ts'
import { coldSlow } from '../cold/cold-slow.ts'
import { growth } from '../growth/growth.ts'
import { push } from '../pushing/push.ts'
import { eventLoop } from './event-loop.ts'
import { keptBlob, keptBlobTls } from './kept-blob.ts'
import { keptManifest } from './kept-manifest.ts'
import { memory } from './memory.ts'
import type { OwnPart } from './own-part.ts'
import type { Part } from './part.ts'
import { startUp } from './start-up.ts'
import { threads } from './threads.ts'

const parts: readonly Part[] = [
  keptBlob,
  keptBlobTls,
  keptManifest,
  memory,
  startUp,
  eventLoop,
  threads,
]
const ownParts: readonly OwnPart[] = [coldBlob, coldSlow, coldImage, growth, push]

export const partNames: readonly string[] = [...parts, ...ownParts].map(({ name }) => name)

export const findParts = (names: readonly string[]): readonly Part[] =>
  parts.filter(({ name }) => names.includes(name))

export const findOwnParts = (names: readonly string[]): readonly OwnPart[] =>
  ownParts.filter(({ name }) => names.includes(name))
