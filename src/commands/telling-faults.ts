import type { StoreCallbacks } from '../store/open-stores.ts'

/** Of a command that works in the data folder: says on stderr what a server logs. */
export const tellingFaults: StoreCallbacks = {
  onError: (error, what) => process.stderr.write(`${what}: ${(error as Error).message}\n`),
  onFault: (message) => process.stderr.write(`the data folder can't be written: ${message}\n`),
  onRecovered: () => {},
}
