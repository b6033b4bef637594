import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { adopt } from '../../../src/adopt/adoption.ts'
import { findStorage } from '../../../src/adopt/find-storage.ts'
import type { Fault, Report } from '../../../src/adopt/report.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import type { UpstreamName } from '../../../src/oci/upstream-name.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { RegistryFolder } from '../../support/registry-folder.ts'
import { writeMirrors } from '../../support/run-command.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

type Ended = Report & { readonly told: readonly Fault[]; readonly notes: readonly Fault[] }

export type Adopting = {
  readonly registry: RegistryFolder
  readonly stores: Stores
  run(options?: { upstream?: string; isDryRun?: boolean }): Promise<Ended>
}

/** An empty registry folder and an empty data folder, until the test ends. */
export async function startAdopting(settings: object = {}): Promise<Adopting> {
  const directory = await makeTemporaryDirectory()
  const registry = new RegistryFolder(join(directory.path, 'registry'))
  const file = await writeMirrors(JSON.parse(JSON.stringify(settings)))
  const config = await loadConfig(file, {})
  const fail = (error: unknown) => {
    throw error
  }
  const callbacks = { onError: fail, onFault: fail, onRecovered: () => {} }
  const stores = await openStores(join(directory.path, 'data'), callbacks)
  onTestFinished(async () => {
    await stores.close()
    await directory.remove()
  })
  const run: Adopting['run'] = async ({ upstream, isDryRun = false } = {}) => {
    const told: Fault[] = []
    const notes: Fault[] = []
    const listener = {
      onFault: (fault: Fault) => told.push(fault),
      onNote: (note: Fault) => notes.push(note),
      onProgress: () => {},
      onRepository: () => {},
    }
    const found = await findStorage(registry.root)
    const of = upstream as UpstreamName | undefined
    const now = () => Date.now()
    const report = await adopt({ found, upstream: of, config, stores, isDryRun, listener, now })
    return { ...report, told, notes }
  }
  return { registry, stores, run }
}
