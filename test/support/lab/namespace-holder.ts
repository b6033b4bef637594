// Runs inside a network namespace and keeps it alive. For each port that it is sent it opens a
// listening socket there, and sends that back.

import { createServer } from 'node:net'

export type ExposedPort = { readonly port: number; readonly address: string }

process.on('disconnect', () => process.exit(0))

// Only now is it inside: whoever entered earlier would have entered the machine's own namespaces.
process.send?.('ready')

// Both processes would accept connections: ours is closed before the other is told to go on.
process.on('message', ({ port, address }: ExposedPort) => {
  const server = createServer()
  server.on('close', () => process.send?.('passed'))
  server.listen(port, address, () => {
    process.send?.('listening', server, () => server.close())
  })
})
