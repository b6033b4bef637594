// Runs inside a network namespace and keeps it alive. For each port that it is sent it opens a
// listening socket there, and sends that back.

import { createServer } from 'node:net'

process.on('disconnect', () => process.exit(0))

// Only now is it inside: whoever entered earlier would have entered the machine's own namespaces.
process.send?.('ready')

// Both processes would accept connections: ours is closed before the other is told to go on.
process.on('message', (port: number) => {
  const server = createServer()
  server.on('close', () => process.send?.('passed'))
  server.listen(port, '127.0.0.1', () => {
    process.send?.('listening', server, () => server.close())
  })
})
