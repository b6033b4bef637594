// A process of its own that stands between servers and their upstream, as the line between the two:
// it passes TCP connections on, only so fast, and counts what passes. It is told its route as JSON;
// whoever forked it may then change the limits and read the counts. It ends with its parent.

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { LineCounts, LineRequest, LineRoute } from './limits.ts'
import { Pace } from './pace.ts'
import { Relay, type RelayLine } from './relay.ts'

const { listen, upstream, limits } = JSON.parse(process.argv[2] ?? '') as LineRoute
const line: RelayLine = {
  upstream,
  limits,
  pace: new Pace(),
  counts: { connections: 0, gets: 0, heads: 0, bodyBytes: 0 },
}

const answer = (request: LineRequest): LineCounts => {
  const counts = { ...line.counts }
  if (request !== 'read') {
    line.limits = request.limit
    Object.assign(line.counts, { connections: 0, gets: 0, heads: 0, bodyBytes: 0 })
  }
  return counts
}

const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  line.counts.connections++
  new Relay(client, line)
})
server.listen(listen.port, listen.host)
await once(server, 'listening')
process.on('message', (request: LineRequest) => process.send?.(answer(request)))
process.on('disconnect', () => process.exit(0))
process.send?.((server.address() as AddressInfo).port)
