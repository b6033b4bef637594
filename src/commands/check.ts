import { resolve } from 'node:path'
import { systemClock } from '../clock.ts'
import { listValidityFaults } from '../config/describe-certificate.ts'
import { describeConfig } from '../config/describe-config.ts'
import { laterKeys, listLater } from '../config/later-keys.ts'
import { loadConfig } from '../config/load-config.ts'
import { checkLive } from './check-live.ts'

type Options = { readonly config: string; readonly live?: true; readonly json?: true }

const wrongUsage = 2

/**
 * `entrepot check`: prints the configuration with all defaults filled in; with `--live`, how its
 * upstreams do instead, ending with 1 where one fails. Throws ConfigError.
 */
export async function check({ config: file, live, json }: Options): Promise<void> {
  if (json && !live) {
    process.stderr.write('error: --json goes with --live\n')
    process.exitCode = wrongUsage
    return
  }
  const config = await loadConfig(resolve(file), process.env)
  if (live) {
    if (!(await checkLive(config, { asJson: json === true }))) process.exitCode = 1
    return
  }
  process.stdout.write(describeConfig(config))
  const later = laterKeys.map((key) => key.path).join(', ')
  process.stderr.write(
    `note: read and checked, but without effect until they are built: ${later}\n`,
  )
  const faults = config.tls ? listValidityFaults(config.tls, systemClock.now()) : []
  for (const fault of faults) process.stderr.write(`note: ${fault}\n`)
  for (const { path, purpose } of listLater(config)) {
    process.stderr.write(`note: yours sets ${path}, to ${purpose}\n`)
  }
}
