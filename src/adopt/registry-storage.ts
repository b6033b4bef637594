import { join } from 'node:path'
import {
  type Digest,
  digestAlgorithm,
  digestAlgorithms,
  digestHex,
  isDigest,
} from '../oci/digest.ts'
import { isTag, type Tag } from '../oci/reference.ts'
import { quote } from '../oci/registry-error.ts'
import { ForeignFileError } from '../store/blob-adopter.ts'
import { listFolder, lookAt, readStart } from './foreign-paths.ts'

/** Hears of what can't be read: what it is about, and what is the matter. */
export type OnFault = (where: string, what: string) => void

/** A manifest that the repository has, and since when. */
export type Revision = { readonly digest: Digest; readonly at: number }
export type TagLink = Revision & { readonly tag: Tag }

/** No name is longer, and a folder in itself ends there. */
const longestName = 255
const longestLink = 200

/**
 * The folder in which registry:2 and registry:3 keep what they have, to be read. It may be damaged
 * anywhere, and its registry may go on writing: what can't be read is told of, and passed over.
 *
 * blobs/ALGORITHM/XX/HEX/data holds content; below repositories/NAME, a file called link holds the
 * digest of a manifest (_manifests/revisions, _manifests/tags/TAG/current) or a blob (_layers).
 */
export class RegistryStorage {
  readonly #folder: string
  readonly #onFault: OnFault

  /** `folder` is `.../docker/registry/v2`. */
  constructor(folder: string, onFault: OnFault) {
    this.#folder = folder
    this.#onFault = onFault
  }

  /** As they are called there, each before those below it. */
  async *listRepositories(above = ''): AsyncIterable<string> {
    for (const part of await this.#list(above || 'repositories', this.#inside(above))) {
      // The registry's own.
      if (part.startsWith('_')) continue
      const name = above === '' ? part : `${above}/${part}`
      if (name.length > longestName) continue
      if (await this.#isRepository(name)) yield name
      yield* this.listRepositories(name)
    }
  }

  /** One that was deleted leaves an empty folder. */
  async listRevisions(name: string): Promise<readonly Revision[]> {
    const revisions: Revision[] = []
    for (const algorithm of digestAlgorithms) {
      const folder = this.#inside(name, '_manifests', 'revisions', algorithm)
      for (const hex of await this.#list(name, folder)) {
        const digest = `${algorithm}:${hex}`
        const at = await this.#timeOf(`${name}@${digest}`, join(folder, hex, 'link'))
        if (isDigest(digest) && at !== undefined) revisions.push({ digest, at })
      }
    }
    return revisions
  }

  async listTags(name: string): Promise<readonly TagLink[]> {
    const folder = this.#inside(name, '_manifests', 'tags')
    const links: TagLink[] = []
    for (const tag of await this.#list(name, folder)) {
      const link = isTag(tag) ? await this.#readTag(name, tag, join(folder, tag)) : undefined
      if (link) links.push(link)
    }
    return links
  }

  /**
   * The file with the content, if there is one: where it belongs, or where the repository says, since
   * what was pushed by its sha512 lies under its sha256. Throws ForeignFileError.
   */
  async findContent(name: string, digest: Digest): Promise<string | undefined> {
    const file = this.#contentOf(digest)
    if (await lookAt(file)) return file
    const link = join('_layers', digestAlgorithm(digest), digestHex(digest), 'link')
    const other = (await readLink(this.#inside(name, link))) ?? ''
    if (!isDigest(other) || other === digest) return undefined
    return (await lookAt(this.#contentOf(other))) ? this.#contentOf(other) : undefined
  }

  async #isRepository(name: string): Promise<boolean> {
    const folder = this.#inside(name, '_manifests')
    return (await this.#unlessFault(name, lookAt(folder))) !== undefined
  }

  async #readTag(name: string, tag: Tag, folder: string): Promise<TagLink | undefined> {
    const where = `${name}:${tag}`
    const file = join(folder, 'current', 'link')
    const read = await this.#unlessFault(
      where,
      readLink(file).then((digest) => ({ digest })),
    )
    if (!read) return undefined
    const { digest } = read
    if (digest === undefined || !isDigest(digest)) {
      const found = digest === undefined ? "isn't there" : `holds ${quote(digest)}, no digest`
      this.#onFault(where, `${file} ${found}`)
      return undefined
    }
    const at = await this.#timeOf(where, file)
    return at === undefined ? undefined : { tag, digest, at }
  }

  /** When the file was written, in milliseconds since 1970; undefined if it isn't there. */
  async #timeOf(where: string, file: string): Promise<number | undefined> {
    const found = await this.#unlessFault(where, lookAt(file))
    return found && Math.max(0, Math.floor(found.mtimeMs))
  }

  /** Folders in the order of their names. */
  async #list(where: string, folder: string): Promise<readonly string[]> {
    const entries = (await this.#unlessFault(where, listFolder(folder))) ?? []
    for (const entry of entries) {
      if (!entry.isSymbolicLink()) continue
      this.#onFault(where, `${join(folder, entry.name)} is a symbolic link, which isn't followed`)
    }
    const folders = entries.filter((entry) => entry.isDirectory())
    return folders.map(({ name }) => name).sort()
  }

  /** Undefined, and it is told, where it can't be read. */
  async #unlessFault<T>(where: string, reading: Promise<T>): Promise<T | undefined> {
    try {
      return await reading
    } catch (error) {
      if (!(error instanceof ForeignFileError)) throw error
      this.#onFault(where, error.message)
      return undefined
    }
  }

  #contentOf(digest: Digest): string {
    const hex = digestHex(digest)
    return join(this.#folder, 'blobs', digestAlgorithm(digest), hex.slice(0, 2), hex, 'data')
  }

  #inside(name: string, ...parts: readonly string[]): string {
    return join(this.#folder, 'repositories', name, ...parts)
  }
}

/** What it says; undefined if it isn't there. Throws ForeignFileError. */
async function readLink(file: string): Promise<string | undefined> {
  return (await readStart(file, longestLink))?.bytes.toString('utf8').trim()
}
