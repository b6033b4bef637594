// What 5,000 slow-loris connections do to a pull beside them for 30 s: `npm run bench:slow-clients`. It
// is to take at most twice as long as without them. Half of the bytes drip into headers, half into bodies.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { findFreePort } from '../free-port.ts'
import { startProcessGroup } from '../process-group.ts'
import { readResidentBytes } from '../resident-memory.ts'
import { startArguments } from '../start-command.ts'
import { summarize } from '../statistics.ts'
import { createTemporaryDirectory } from '../temporary-directory.ts'
import { type PushedImage, pullImage, pushImage } from './image.ts'

const connections = Number(process.argv[2] ?? 5_000)
const forMs = 30_000
const aloneMs = 8_000
const mostRatio = 2

const start = async (directory: string) => {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const configFile = join(directory, 'mirrors.yaml')
  const data = join(directory, 'data')
  await mkdir(data, { recursive: true })
  const access = 'access: {anonymous: push}\noffline: true\nlog: {level: warn}'
  await writeFile(configFile, `listen: 127.0.0.1:${port}\ndata: ${data}\n${access}\n`)
  const args = [...startArguments(), 'serve', '--config', configFile]
  const logFile = join(directory, 'log')
  const command = { name: 'entrepot', program: process.execPath, args, logFile }
  const group = await startProcessGroup(command, `${url}/readyz`, new AbortController().signal)
  return { url, port, group, [Symbol.asyncDispose]: () => group[Symbol.asyncDispose]() }
}

/** Pulls again and again for so long; gives how long each took. */
const pullFor = async (url: string, image: PushedImage, ms: number) => {
  const times: number[] = []
  for (const until = performance.now() + ms; performance.now() < until; ) {
    const startedAt = performance.now()
    await pullImage(url, image)
    times.push(performance.now() - startedAt)
  }
  return summarize(times)
}

const startSlowClients = async (port: number) => {
  const options = { host: '127.0.0.1', port, connections, dropEveryMs: 5_000 }
  const script = join(import.meta.dirname, 'run-slow-clients.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return async () => {
    child.stdin.end()
    return JSON.parse(await text(child.stdout)) as { open: number; closed: number }
  }
}

const tell = (what: string, value: string) => process.stdout.write(`${what.padEnd(36)} ${value}\n`)
const describe = ({ median, max, count }: ReturnType<typeof summarize>) =>
  `${median.toFixed(1)} ms at the median, ${max.toFixed(0)} ms at most, ${count} pulls`

using directory = createTemporaryDirectory()
await using server = await start(directory.path)
const layers = Array.from({ length: 4 }, () => randomBytes(8 * 1024 * 1024))
const image = await pushImage(server.url, 'bench/app', layers)
await pullFor(server.url, image, 1_000)
const before = await pullFor(server.url, image, aloneMs)
const residentBefore = await readResidentBytes(server.group.id)
const end = await startSlowClients(server.port)
const beside = await pullFor(server.url, image, forMs)
const resident = await readResidentBytes(server.group.id)
const { open, closed } = await end()
const after = await pullFor(server.url, image, aloneMs)
const ratio = beside.median / Math.min(before.median, after.median)
tell('a pull of 32 MiB alone', describe(before))
tell(`beside ${connections} slow connections`, describe(beside))
tell('alone again', describe(after))
tell('the server closed, and had open', `${closed}, ${open}`)
tell('memory before and beside', `${toMebibytes(residentBefore)} and ${toMebibytes(resident)} MiB`)
tell(
  'times as long',
  `${ratio.toFixed(2)}, ${ratio <= mostRatio ? 'met' : 'MISSED'}: at most ${mostRatio}`,
)
if (ratio > mostRatio) process.exitCode = 1

function toMebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}
