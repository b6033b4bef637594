import { digestOf, makeBytes, smallImage } from '../../support/image-builder.ts'
import { ask } from '../../support/raw-client.ts'
import { tagTtlMs } from '../../support/start-mirrored.ts'
import type { FaultLab } from './fault-lab.ts'

/** What a client pulls while something is wrong. */
export interface Wanted {
  readonly path: string
  /** What upstream has. */
  readonly content: Buffer
  /** What was kept before, if anything. */
  readonly kept?: Buffer
  /** Whether there is a file of it once it is kept; lists are in the database only. */
  readonly isFile: boolean
}

/** Puts it upstream, at each URL, and perhaps an older one into the store. */
export type Subject = (lab: FaultLab) => Promise<Wanted>

export const largeSize = 1_000_000
/** Far enough from both ends of a large blob. */
export const half = largeSize / 2
export const tagPath = '/v2/team/app/manifests/1'
const tagsPath = '/v2/team/app/tags/list'
const imageManifest = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'

const blobOf =
  (content: Buffer): Subject =>
  async ({ registries }) => {
    for (const registry of registries) registry.repository('team/app').addBlob(content)
    return { path: `/v2/team/app/blobs/${digestOf(content)}`, content, isFile: true }
  }

/** Begun to be served before it is whole. */
export const largeBlob = blobOf(makeBytes('large', largeSize))

/** Served only once it is verified. */
export const smallBlob = blobOf(makeBytes('small', 10_000))

/** A large blob of which a kept manifest says how large it is. */
export const layer: Subject = async (lab) => {
  const wanted = await largeBlob(lab)
  const { content } = wanted
  const descriptor = { mediaType: 'layer', digest: digestOf(content), size: content.length }
  const manifest = { schemaVersion: 2, config: descriptor, layers: [descriptor] }
  const bytes = Buffer.from(JSON.stringify(manifest))
  lab.upstream.repository('team/app').addManifest({ bytes, mediaType: imageManifest }, '1')
  await ask(lab.server, tagPath)
  return wanted
}

const pushImage = async ({ registries }: FaultLab, seed: string): Promise<Buffer> => {
  const pushes = registries.map((registry) =>
    registry.repository('team/app').addImage('1', smallImage(seed)),
  )
  const [image] = await Promise.all(pushes)
  return image?.bytes ?? Buffer.alloc(0)
}

/** A tag that nobody pulled yet. */
export const newTag: Subject = async (lab) => {
  const content = await pushImage(lab, 'new')
  return { path: tagPath, content, isFile: true }
}

/** A tag that was pulled, so long ago that upstream is asked again, and means another image by now. */
export const movedTag: Subject = async (lab) => {
  const kept = await pushImage(lab, 'old')
  await ask(lab.server, tagPath)
  lab.clock.advance(tagTtlMs)
  return { ...(await newTag(lab)), kept }
}

const pushTags = ({ upstream }: FaultLab, tags: readonly string[]): Buffer => {
  for (const tag of tags) upstream.repository('team/app').tags.set(tag, `sha256:${'0'.repeat(64)}`)
  return Buffer.from(JSON.stringify({ name: 'team/app', tags }))
}

/** Two pages of tags that nobody asked for yet. */
export const newTags: Subject = async (lab) => {
  const content = pushTags(lab, ['1', '2', '3', '4', '5'])
  return { path: tagsPath, content, isFile: false }
}

/** A tag list that was asked for long ago, and has grown since. */
export const keptTags: Subject = async (lab) => {
  const kept = pushTags(lab, ['1', '2', '3', '4'])
  await ask(lab.server, tagsPath)
  lab.clock.advance(tagTtlMs)
  return { ...(await newTags(lab)), kept }
}

/** A tag that was pulled, of a repository whose tags nobody asked for yet. */
export const pulledTag: Subject = async (lab) => {
  await pushImage(lab, 'pulled')
  await ask(lab.server, tagPath)
  const kept = Buffer.from(JSON.stringify({ name: 'team/app', tags: ['1'] }))
  return { ...(await newTags(lab)), kept }
}

const subject = `sha256:${'a'.repeat(64)}`

const pushReferrers = ({ upstream }: FaultLab, count: number): Buffer => {
  const manifests = Array.from({ length: count }, (_, position) => ({
    mediaType: imageManifest,
    digest: `sha256:${String(position).repeat(64)}`,
    size: 700,
  }))
  upstream.repository('team/app').referrers.set(subject, manifests)
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }))
}

const referrersPath = `/v2/team/app/referrers/${subject}`

export const newReferrers: Subject = async (lab) => {
  const content = pushReferrers(lab, 2)
  return { path: referrersPath, content, isFile: false }
}

/** Referrers that were asked for long ago; one has come since. */
export const keptReferrers: Subject = async (lab) => {
  const kept = pushReferrers(lab, 1)
  await ask(lab.server, referrersPath)
  lab.clock.advance(tagTtlMs)
  return { ...(await newReferrers(lab)), kept }
}

export const manifest = { unkept: newTag, kept: movedTag }
export const tagList = { unkept: newTags, kept: keptTags }
export const referrerList = { unkept: newReferrers, kept: keptReferrers }
