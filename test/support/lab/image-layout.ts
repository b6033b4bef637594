import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type BuiltImage,
  type BuiltIndex,
  type BuiltManifest,
  buildImage,
  buildIndex,
  type Descriptor,
  type ImageRecipe,
  type Platform,
} from '../image-builder.ts'
import { runToSuccess } from './background-process.ts'

/** Under which the layout's index names what it holds. */
export const layoutTag = '1'

/** An image on the disk, for clients to take in and to push. */
export interface ImageLayout<Content extends BuiltManifest = BuiltImage> {
  /** In the form of the OCI image layout (image-spec, image-layout.md). */
  readonly folder: string
  readonly content: Content
}

/** In one file too, in a form that docker also loads. */
export interface ImageArchive extends ImageLayout {
  readonly file: string
}

/** Builds the image into `folder`, and beside it as a tar file. */
export const writeImageArchive = async (
  folder: string,
  recipe: ImageRecipe,
): Promise<ImageArchive> => {
  const keep = keepIn(folder)
  const content = await buildImage(recipe, keep)
  await keep(content.descriptor, content.bytes)
  await writeIndex(folder, content.descriptor)
  await writeJson(join(folder, 'manifest.json'), describeForDocker(content))
  const file = `${folder}.tar`
  await runToSuccess(['tar', '--create', '--file', file, '--directory', folder, '.'])
  return { folder, content, file }
}

/** Builds the recipe for every platform, and their index, into `folder`. */
export const writeIndexLayout = async (
  folder: string,
  recipe: ImageRecipe & { readonly platforms: readonly Platform[] },
): Promise<ImageLayout<BuiltIndex>> => {
  const keep = keepIn(folder)
  const content = await buildIndex(recipe, recipe.platforms, keep)
  for (const { descriptor, bytes } of [...content.images, content]) await keep(descriptor, bytes)
  await writeIndex(folder, content.descriptor)
  return { folder, content }
}

const keepIn = (folder: string) => async (descriptor: Descriptor, bytes: Buffer) => {
  const file = join(folder, pathOf(descriptor))
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, bytes)
}

const writeIndex = async (folder: string, descriptor: Descriptor): Promise<void> => {
  const annotations = { 'org.opencontainers.image.ref.name': layoutTag }
  const manifests = [{ ...descriptor, annotations }]
  await writeJson(join(folder, 'index.json'), { schemaVersion: 2, manifests })
  await writeJson(join(folder, 'oci-layout'), { imageLayoutVersion: '1.0.0' })
}

/** What `docker load` reads; without a name, since the image gets others. */
const describeForDocker = ({ config, layers }: BuiltImage): object => [
  { Config: pathOf(config), RepoTags: null, Layers: layers.map(pathOf) },
]

const pathOf = ({ digest }: Descriptor): string => join('blobs', ...digest.split(':'))

const writeJson = (file: string, value: object): Promise<void> =>
  writeFile(file, JSON.stringify(value))
