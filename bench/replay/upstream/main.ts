// An upstream in a process of its own: `main.ts SHELF.json PORT`. It counts what it is asked, and
// makes the layers up as it sends them.

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Shelf, ShelvedTag } from '../content/shelf.ts'
import { answerCommand, controlPath } from '../control.ts'
import { Registry, type RegistrySettings } from './registry.ts'
import { Stock } from './stock.ts'

const [shelfFile = '', port = ''] = process.argv.slice(2)
const stock = new Stock(JSON.parse(await readFile(shelfFile, 'utf8')) as Shelf)
const registry = new Registry(stock, { delayMs: 0 })

const commands = {
  ping: () => 'pong',
  counts: () => registry.counts,
  configure: (settings: RegistrySettings) => registry.configure(settings),
  moveTag: (tag: ShelvedTag) => stock.moveTag(tag),
}

const server = createServer((incoming, outgoing) => {
  const isCommand = incoming.url?.startsWith(controlPath) === true
  void (isCommand
    ? answerCommand(commands, incoming, outgoing)
    : registry.answer(incoming, outgoing))
})
server.keepAliveTimeout = 75_000
server.listen(Number(port), '127.0.0.1')
