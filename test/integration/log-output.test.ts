import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { builtMain } from '../support/built-program.ts'
import { findFreePort } from '../support/lab/free-port.ts'
import { ask } from '../support/raw-client.ts'
import { writeMirrors } from '../support/run-command.ts'
import { makeFolder } from '../support/start-mirrored.ts'

/** Leaves a line of 600 bytes. */
const longPath = `/v2/${'x'.repeat(2_500)}/tags/list`

/** Starts the server with its standard output there. */
const startWithOutput = async (output: number, threads = 1) => {
  const port = await findFreePort()
  const config = {
    listen: `127.0.0.1:${port}`,
    data: './data',
    threads,
    upstreams: { 'docker.io': {} },
  }
  const file = await writeMirrors(config)
  const stdio = ['ignore', output, 'pipe'] as const
  const child = spawn(process.execPath, [builtMain, 'serve', '--config', file], {
    stdio: [...stdio],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const waitUntilReady = async () => expect((await ask({ port }, '/readyz')).status).toBe(200)
  await vi.waitFor(waitUntilReady, 20_000)
  return { child, port }
}

const askOften = async (port: number, count: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  onTestFinished(() => agent.destroy())
  const askOnce = async () => {
    const [answer] = await once(get({ port, path: longPath, agent }), 'response')
    await once(answer.resume(), 'end')
  }
  for (let left = count; left > 0; left -= 100)
    await Promise.all(Array.from({ length: Math.min(left, 100) }, askOnce))
}

const stop = async (child: ChildProcess): Promise<{ code: number | null; ms: number }> => {
  const closed = once(child, 'close')
  const startedAt = performance.now()
  child.kill('SIGTERM')
  const [code] = await closed
  return { code, ms: performance.now() - startedAt }
}

/** A pipe with a name, which somebody has open but nobody reads. */
const makePipe = async () => {
  const folder = await makeFolder()
  await mkdir(folder, { recursive: true })
  const name = join(folder, 'pipe')
  execFileSync('mkfifo', [name])
  const descriptor = openSync(name, constants.O_RDWR | constants.O_NONBLOCK)
  return { name, descriptor }
}

/** Reads what comes through a pipe from now on. */
const readPipe = (descriptor: number) => {
  const reader = new Socket({ fd: descriptor, readable: true, writable: false })
  onTestFinished(() => void reader.destroy())
  let text = ''
  reader.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  return () => text
}

const parseLines = (text: string) => {
  const whole = text.slice(0, text.lastIndexOf('\n'))
  return whole.split('\n').map((line) => JSON.parse(line))
}

test('lines that nobody reads are dropped beyond a bound, and one line says how many', {
  timeout: 90_000,
}, async () => {
  const { descriptor } = await makePipe()
  const { child, port } = await startWithOutput(descriptor, 2)
  const count = 16_000
  await askOften(port, count)
  const output = readPipe(descriptor)
  const losses = () => parseLines(output()).filter(({ msg }) => / log lines are lost/.test(msg))
  await vi.waitFor(() => expect(losses()).toHaveLength(1), 10_000)
  await askOften(port, 10)
  await stop(child)
  await vi.waitFor(() => expect(output()).toContain('"msg":"stopped"'))

  const requests = parseLines(output()).filter(({ msg }) => msg.startsWith('GET /v2/xxx'))
  const [loss] = losses()
  expect(losses()).toHaveLength(1)
  expect(loss.msg).toContain('nobody read')
  expect(loss.lines).toBeGreaterThan(100)
  expect(requests.length + loss.lines).toBe(count + 10)
})

test('a reader that hangs does not hold up the stop', async () => {
  const { descriptor } = await makePipe()
  onTestFinished(() => closeSync(descriptor))
  const { child, port } = await startWithOutput(descriptor)
  await askOften(port, 300)

  const { code, ms } = await stop(child)

  expect(code).toBe(0)
  expect(ms).toBeLessThan(5_000)
})

test('a server whose log can not be written serves, and stops', async () => {
  const full = openSync('/dev/full', 'w')
  onTestFinished(() => closeSync(full))
  const { child, port } = await startWithOutput(full)
  await askOften(port, 500)

  expect((await ask({ port }, '/readyz')).status).toBe(200)
  expect((await stop(child)).code).toBe(0)
})

const mountSmall = async (): Promise<string | undefined> => {
  const folder = await makeFolder()
  await mkdir(folder, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  return folder
}

test('once a full disk takes lines again, one line says how many are lost', async ({ skip }) => {
  const folder = await mountSmall()
  if (folder === undefined) return skip('only root may mount a small file system')
  const { name, filler } = { name: join(folder, 'log'), filler: join(folder, 'filler') }
  execFileSync('sh', ['-c', `head -c 40000 /dev/zero > ${filler}`])
  const output = openSync(name, 'a')
  const { child, port } = await startWithOutput(output)
  closeSync(output)
  await askOften(port, 50)
  await rm(filler)
  await vi.waitFor(
    async () => expect(await readFile(name, 'utf8')).toMatch(/are lost: ENOSPC/),
    5_000,
  )
  await ask({ port }, '/readyz')
  await askOften(port, 2)
  await stop(child)

  const lines = (await readFile(name, 'utf8')).trimEnd().split('\n')
  const losses = lines.filter((line) => line.includes('log lines are lost'))
  expect(losses).toHaveLength(1)
  const whole = lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line))
  const requests = whole.filter(({ msg }) => msg.startsWith('GET /v2/xxx'))
  expect(requests.length + JSON.parse(losses[0] ?? '').lines).toBe(52)
  expect(whole.at(-1).msg).toBe('stopped')
})
