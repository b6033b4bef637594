// A process of its own, so that it takes nothing from who measures: run-slow-clients.ts OPTIONS-AS-JSON
// says "begun" once all are open, and ends with its standard input, saying how many were closed.
import { once } from 'node:events'
import { SlowClients } from './slow-clients.ts'

using clients = new SlowClients(JSON.parse(process.argv[2] ?? ''))
await clients.start()
process.stdout.write('begun\n')
await once(process.stdin.resume(), 'end')
process.stdout.write(JSON.stringify({ open: clients.open, closed: clients.closed }))
