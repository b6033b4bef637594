/*
 * Taking over what another registry has stored: the folder of a registry:2 or registry:3, as it lies on
 * the disk. This room knows how that folder is laid out; what is taken goes through the stores, as if it
 * had been pushed or pulled here. It never writes to the other registry's files.
 */
import type { Config } from '../config/config.ts'
import { fixedTags } from '../hosted/fixed-tags.ts'
import { resolveOwn } from '../hosted/own-name.ts'
import { resolveSource } from '../mirror/resolve-source.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { Stores } from '../store/open-stores.ts'
import { Contents } from './contents.ts'
import type { FoundStorage } from './find-storage.ts'
import { MirroredRepository } from './mirrored-repository.ts'
import { PushedRepository } from './pushed-repository.ts'
import { RegistryStorage } from './registry-storage.ts'
import { type Listener, type Report, Tally } from './report.ts'

type Settings = {
  readonly found: FoundStorage
  /** Whose images they are, where they were pulled from an upstream; undefined of what was pushed. */
  readonly upstream: UpstreamName | undefined
  readonly config: Config
  readonly stores: Stores
  /** Everything is read and hashed, and nothing is taken. */
  readonly isDryRun: boolean
  readonly listener: Listener
  readonly now: () => number
}

type Repository = { take(): Promise<boolean> }

/**
 * Takes over all that is right, and tells of what isn't. Another run takes what is new then; one that
 * was killed goes on. Rejects only where something can't be written here.
 */
export async function adopt(settings: Settings): Promise<Report> {
  const { found, upstream, listener } = settings
  const tally = new Tally(listener)
  const storage = new RegistryStorage(found.folder, (where, what) => tally.fault(where, what))
  const open = opener(settings, storage, tally)
  for await (const name of storage.listRepositories()) {
    const repository = open(name)
    if (!repository) continue
    tally.begin(name)
    if (await repository.take()) tally.counts.repositories++
    tally.end()
  }
  return { folder: found.folder, upstream, counts: tally.counts, faults: tally.faults }
}

/** What takes over the repository of a name there; undefined, and it is told, where it can't be one here. */
function opener(settings: Settings, storage: RegistryStorage, tally: Tally) {
  const { upstream, config } = settings
  const parts = {
    ...settings,
    storage,
    tally,
    contents: new Contents({ ...settings, storage, tally }),
  }
  const isFixed = fixedTags(config.hosted.immutableTags)
  const open = (name: string): Repository =>
    upstream === undefined
      ? new PushedRepository(resolveOwn({ name }, config), { ...parts, isFixed })
      : new MirroredRepository(name, resolveSource({ name, view: upstream }, config), parts)
  return (name: string): Repository | undefined => {
    try {
      return open(name)
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error
      const mayBePulled = upstream === undefined && error.code === 'DENIED'
      tally.fault(name, mayBePulled ? `${error.message}. ${hint}` : error.message)
      return undefined
    }
  }
}

const hint =
  'What was pulled from an upstream is taken with --upstream, such as --upstream docker.io'
