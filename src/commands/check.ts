import { resolve } from 'node:path'
import { describeConfig } from '../config/describe-config.ts'
import { laterKeys, listLater } from '../config/later-keys.ts'
import { loadConfig } from '../config/load-config.ts'

/** `entrepot check`: prints the configuration with all defaults filled in. Throws ConfigError. */
export async function check({ config: file }: { config: string }): Promise<void> {
  const config = await loadConfig(resolve(file), process.env)
  process.stdout.write(describeConfig(config))
  const later = laterKeys.map((key) => key.path).join(', ')
  process.stderr.write(
    `note: read and checked, but without effect until they are built: ${later}\n`,
  )
  for (const { path, purpose } of listLater(config)) {
    process.stderr.write(`note: yours sets ${path}, to ${purpose}\n`)
  }
}
