import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Why several threads can't listen on one port of this host (SO_REUSEPORT), which can be listened on as
 * such: some kernels and sandboxes don't know how.
 */
export async function findSharingFault(host: string): Promise<string | undefined> {
  const probe = createServer()
  try {
    await once(probe.listen({ host, port: 0, reusePort: true }), 'listening')
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    await probe[Symbol.asyncDispose]()
  }
}
