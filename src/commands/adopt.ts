import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { adopt as adoptStorage } from '../adopt/adoption.ts'
import { type FoundStorage, findStorage, StorageError } from '../adopt/find-storage.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { readUpstreamName, type UpstreamName } from '../oci/upstream-name.ts'
import { keptFree } from '../space/excess.ts'
import { unlessMissing } from '../store/file/unless-missing.ts'
import { openStores } from '../store/open-stores.ts'
import { describeFault, isLackOfRoom } from '../store/store-fault.ts'
import { AdoptOutput } from './adopt-output.ts'
import { CommandError } from './command-error.ts'
import { tellingFaults } from './telling-faults.ts'

type Options = {
  readonly config: string
  readonly upstream?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

/**
 * `entrepot adopt`: takes over a registry:2 or registry:3 storage folder, also beside a running server.
 * Ends with 1 where something was left out. Throws ConfigError and CommandError.
 */
export async function adopt(folder: string, options: Options): Promise<void> {
  const config = await loadConfig(resolve(options.config), process.env)
  const found = await find(folder)
  const upstream = chooseUpstream(found, config, options.upstream)
  const isDryRun = options.dryRun === true
  const output = new AdoptOutput({ isJson: options.json === true, isDryRun })
  const place = await choosePlace(config.data, isDryRun)
  const stores = await openStores(place.folder, tellingFaults, { isGuest: true })
  // Where a file is copied: what is linked takes no room.
  stores.room.guard(
    (use) => keptFree(config.space, use),
    () => {},
  )
  try {
    const { now } = systemClock
    const settings = { found, upstream, config, stores, isDryRun, listener: output, now }
    const report = await adoptStorage(settings).catch(explainLackOfRoom)
    output.end(report, config.data)
    if (report.faults > 0) process.exitCode = 1
  } finally {
    output.close()
    await stores.close()
    await place.remove()
  }
}

/** A data folder that isn't there yet isn't made by a dry run. */
async function choosePlace(data: string, isDryRun: boolean) {
  if (!isDryRun || (await unlessMissing(stat(data))))
    return { folder: data, remove: async () => {} }
  const folder = await mkdtemp(join(tmpdir(), 'entrepot-adopt-'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

async function find(folder: string): Promise<FoundStorage> {
  try {
    return await findStorage(folder)
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    throw new CommandError(error.message, { cause: error })
  }
}

/** What was taken until then is whole, and stays. */
function explainLackOfRoom(error: unknown): never {
  if (!isLackOfRoom(error)) throw error
  const what = `there isn't room for more: ${describeFault(error)}`
  throw new CommandError(`${what}. What was taken stays; make room, and run this again`, {
    cause: error,
  })
}

/** Undefined where what is there was pushed. */
function chooseUpstream(
  { isProxy }: FoundStorage,
  config: Config,
  named: string | undefined,
): UpstreamName | undefined {
  if (named === undefined) return isProxy ? config.defaultUpstream : undefined
  const upstream = readUpstreamName(named)
  const { upstreams } = config
  if (upstream && (upstreams.has(upstream) || upstreams.has('*'))) return upstream
  const known = [...upstreams.keys()].join(', ')
  const what = `--upstream ${JSON.stringify(named)} is not among the upstreams of mirrors.yaml (${known})`
  throw new CommandError(what, { isUsage: true })
}
