import { resolve } from 'node:path'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { Leases } from '../mirror/leases.ts'
import { Mirror } from '../mirror/mirror.ts'
import type { Finding } from '../space/finding.ts'
import { Healer } from '../space/healer.ts'
import { Verifier } from '../space/verifier.ts'
import { openStores, type Stores } from '../store/open-stores.ts'
import { uncounted } from '../upstream/fetch-meter.ts'
import { requireData } from './require-data.ts'
import { tellingFaults } from './telling-faults.ts'
import { VerifyProgress } from './verify-progress.ts'
import { VerifyReport } from './verify-report.ts'

type Options = { readonly config: string; readonly repair?: true; readonly json?: true }

const ignore = () => {}

/**
 * `entrepot verify`: reads all that is kept and says what is wrong, beside a running server too, which
 * notices by itself what is moved away. With `--repair`, puts it right. Ends with 1 where something is
 * wrong, and stays so.
 */
export async function verify({ config: file, repair, json }: Options): Promise<void> {
  const config = await loadConfig(resolve(file), process.env)
  await requireData(config.data)
  const stores = await openStores(config.data, tellingFaults, { isGuest: true })
  const report = new VerifyReport(process.stdout, { asJson: json === true })
  try {
    const mirror = repair && (await openMirror(stores, config))
    try {
      await run(stores, report, mirror)
    } finally {
      await mirror?.close()
    }
  } finally {
    await stores.close()
  }
  report.end()
  if (!report.isAllRight) process.exitCode = 1
}

/** The server's own way to fetch something, with what mirrors.yaml says of the upstreams. */
function openMirror(stores: Stores, config: Config): Promise<Mirror> {
  return Mirror.open({
    stores,
    config,
    clock: systemClock,
    leases: new Leases(),
    onError: ignore,
    outages: { onOutage: ignore, onOutageEnd: ignore, onBudget: ignore },
    meter: uncounted,
  })
}

async function run(
  stores: Stores,
  report: VerifyReport,
  mirror: Mirror | undefined,
): Promise<void> {
  const { now } = systemClock
  const refetch: Mirror['refetch'] = (...lost) => {
    if (mirror) return mirror.refetch(...lost)
    return Promise.reject(new Error('nothing is repaired'))
  }
  const { bytes } = await stores.integrity.measureRecorded()
  const progress = new VerifyProgress(process.stderr, bytes)
  const healer = mirror && new Healer({ stores, refetch, onGone: ignore, now })
  const onFinding = async (finding: Finding) => {
    const isForeign = finding.kind === 'foreign'
    const owners = isForeign ? undefined : await stores.integrity.findOwners(finding.digest)
    const outcome = await healer?.heal(finding, owners)
    progress.clear()
    report.add({ finding, owners, outcome })
  }
  const onRead = (sizeBytes: number) => report.addRead(sizeBytes)
  const onPiece = (piece: number) => progress.add(piece)
  try {
    await new Verifier({ stores, now, onFinding, onRead, onPiece }).run()
  } finally {
    progress.end()
  }
}
