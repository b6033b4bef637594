import type { AnyAdvice } from '../advice/any-advice.ts'
import type { Calls } from './calls.ts'

/** What a serving thread may call in the main thread, where events happen. */
export type AdviceCalls = {
  listAttention: AnyAdvice['listAttention']
  describeSetup: AnyAdvice['describeSetup']
}

/** Advice as a serving thread has it. */
export class RemoteAdvice implements AnyAdvice {
  readonly #calls: Calls<AdviceCalls>

  constructor(calls: Calls<AdviceCalls>) {
    this.#calls = calls
  }

  listAttention: AnyAdvice['listAttention'] = (wanted) => this.#calls.call('listAttention', wanted)

  describeSetup: AnyAdvice['describeSetup'] = () => this.#calls.call('describeSetup')
}

export function adviceCalls(advice: AnyAdvice): AdviceCalls {
  return {
    listAttention: (wanted) => advice.listAttention(wanted),
    describeSetup: () => advice.describeSetup(),
  }
}
