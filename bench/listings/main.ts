// How long lists take of 10,000 hosted repositories with 20 tags each, and of a subject with 1,000
// referrers: `npm run bench:lists`. Each is to take less than 50 ms at the median.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '../free-port.ts'
import { startProcessGroup } from '../process-group.ts'
import { startArguments } from '../start-command.ts'
import { summarize } from '../statistics.ts'
import { createTemporaryDirectory } from '../temporary-directory.ts'
import { type SeededHosted, seedHosted } from './seed-hosted.ts'

const seed = { repositories: 10_000, tagsEach: 20, readable: 200, referrers: 1_000 }
const rounds = 100
const goalMs = 50

const start = async (directory: string, signal: AbortSignal) => {
  const url = `http://127.0.0.1:${await findFreePort()}`
  const configFile = join(directory, 'mirrors.yaml')
  const data = join(directory, 'data')
  await mkdir(data, { recursive: true })
  await writeFile(
    configFile,
    `listen: ${url.slice('http://'.length)}\ndata: ${data}\noffline: true\n`,
  )
  const args = [...startArguments(), 'serve', '--config', configFile]
  const started = {
    name: 'entrepot',
    program: process.execPath,
    args,
    logFile: join(directory, 'log'),
  }
  const group = await startProcessGroup(started, `${url}/readyz`, signal)
  return { url, data, [Symbol.asyncDispose]: () => group[Symbol.asyncDispose]() }
}

/** The path of one round's request, by what it stands for. */
const casesOf = ({ repositories, subject }: SeededHosted) => {
  const [first] = repositories
  const pick = (round: number, among = repositories.length) =>
    repositories[(round * 97) % among] ?? ''
  return {
    '_catalog?n=100, anywhere': (round: number) => `/v2/_catalog?n=100&last=${pick(round)}`,
    'tags/list': (round: number) => `/v2/${pick(round)}/tags/list`,
    'referrers, 100 of 1,000': () => `/v2/${first}/referrers/${subject}?n=100`,
    'referrers, all 1,000': () => `/v2/${first}/referrers/${subject}`,
    'referrers of one type': () =>
      `/v2/${first}/referrers/${subject}?artifactType=application/vnd.example.sbom`,
    'entrepot ls': (round: number) => `/api/v1/repositories?after=${pick(round)}`,
    'the last pulled, anywhere': (round: number) =>
      `/api/v1/repositories?sort=-pulled&limit=100&offset=${(round * 97) % seed.repositories}`,
    'the largest that match': (round: number) =>
      `/api/v1/repositories?sort=-own&limit=100&search=${String(round).padStart(2, '0')}`,
    'tags by pulls': (round: number) =>
      `/api/v1/images?sort=-pulls&repository=${pick(round, seed.readable)}`,
    'entrepot ls REPOSITORY': (round: number) =>
      `/api/v1/images?repository=${pick(round, seed.readable)}`,
    'entrepot inspect': (round: number) => `/api/v1/image?name=${pick(round, seed.readable)}:1.1.0`,
  }
}

const measure = async (url: string, pathOf: (round: number) => string) => {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now()
    const response = await fetch(`${url}${pathOf(round)}`)
    const text = await response.text()
    times.push(performance.now() - startedAt)
    if (response.status !== 200) throw new Error(`${pathOf(round)}: ${response.status} ${text}`)
  }
  return summarize(times)
}

using directory = createTemporaryDirectory()
const { signal } = new AbortController()
{
  // Makes the database.
  await using _ = await start(directory.path, signal)
}
const seeded = await seedHosted(join(directory.path, 'data'), seed)
await using server = await start(directory.path, signal)
for (const [name, pathOf] of Object.entries(casesOf(seeded))) {
  const { median, min, max } = await measure(server.url, pathOf)
  const isMet = median < goalMs
  if (!isMet) process.exitCode = 1
  const [middle, least, most] = [median, min, max].map((ms) => ms.toFixed(1))
  const verdict = isMet ? 'met' : `MISSED: wanted below ${goalMs} ms`
  process.stdout.write(`${name.padEnd(26)} ${middle} ms (${least} to ${most}), ${verdict}\n`)
}
