import type { Attention } from '../answers/attention.ts'
import type { SetupState } from '../answers/setup.ts'

/**
 * The room of advice: what a person is told to do. What needs one now, as events and the rooms that know tell, and
 * what whoever points a client at this server has to know. It decides nothing.
 */
export interface AnyAdvice {
  /** The worst first. Who may see what of it is up to whoever shows it: where that isn't damage, it isn't looked for. */
  listAttention(wanted: { readonly withDamage: boolean }): Promise<readonly Attention[]>
  describeSetup(): Promise<SetupState>
}
