import { onTestFinished } from 'vitest'
import { FaultProxy } from './fault-proxy.ts'

/** A proxy until the test ends, whether or not there is a server behind it. */
export const startProxy = async (server: { readonly port: number }): Promise<FaultProxy> => {
  const proxy = await FaultProxy.start(server)
  onTestFinished(() => proxy.stop())
  return proxy
}
