import type { Finding } from '../findings.ts'
import type { Ground } from '../site/site.ts'

/** A piece of the real world, small enough for this machine. */
export interface Scenario {
  readonly name: string
  /** What it stands for. */
  readonly title: string
  /** How it differs from that, a line for each factor. */
  readonly scale: readonly string[]
  readonly run: (ground: Ground) => Promise<readonly Finding[]>
}
