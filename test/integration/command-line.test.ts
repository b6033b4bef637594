import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { builtMain } from '../support/built-program.ts'
import { EventReader } from '../support/event-reader.ts'
import { makeCertificates } from '../support/lab/certificates.ts'
import { ask } from '../support/raw-client.ts'
import { makeFolder } from '../support/start-mirrored.ts'

const start = (...args: string[]) => {
  const child = spawn(process.execPath, [builtMain, ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Runs it to its end. */
const run = async (...args: string[]) => {
  const child = start(...args)
  const output = collect(child)
  const [code] = await once(child, 'close')
  return { code, ...output() }
}

const collect = (child: ChildProcessWithoutNullStreams) => {
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  return () => ({ stdout, stderr })
}

/** A configuration file that says this. */
const writeFileOf = async (yaml: string): Promise<string> => {
  const folder = await makeFolder()
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'mirrors.yaml')
  await writeFile(file, yaml)
  return file
}

test.each([
  { args: ['check', '--config', '/nowhere/mirrors.yaml'], code: 1, says: 'found no file' },
  { args: ['check', '--bogus'], code: 2, says: "unknown option '--bogus'" },
  { args: ['fly'], code: 2, says: 'no command "fly": wanted one of help, serve' },
])('$args ends with $code', async ({ args, code, says }) => {
  const ended = await run(...args)

  expect(ended.code).toBe(code)
  expect(ended.stderr).toContain(says)
  expect(ended.stdout).toBe('')
})

test('serve says what a damaged database means for what was pushed', async () => {
  const file = await writeFileOf('listen: 127.0.0.1:0\ndata: ./data\n')
  const data = join(dirname(file), 'data')
  await mkdir(data)
  await writeFile(join(data, 'entrepot.db'), 'x'.repeat(8192))
  const ended = await run('serve', '--config', file)
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(/restore a backup.*must be pushed again/)
})

test('check prints the configuration, and names what is not built yet', async () => {
  const ended = await run('check', '--config', await writeFileOf('warm: [{images: alpine}]\n'))

  expect(ended.code).toBe(0)
  expect(ended.stdout).toContain('alpine')
  expect(ended.stderr).toContain('yours sets warm')
  expect(ended.stderr).toContain('store.blobs')
})

test('serve says where it listens, reloads on SIGHUP, and stops on SIGTERM', async () => {
  const yaml = 'listen: 127.0.0.1:0\ndata: ./data\nupstreams: {docker.io: {}}\n'
  const file = await writeFileOf(yaml)
  const child = start('serve', '--config', file)
  const output = collect(child)
  const logged = (text: RegExp) =>
    vi.waitFor(() => {
      const found = text.exec(output().stdout)
      if (!found) throw new Error(`${text} is not in the log: ${output().stdout}`)
      return found
    }, 20_000)
  const [, port] = await logged(/listening on 127\.0\.0\.1:(\d+)/)
  const target = { port: Number(port) }
  expect((await ask(target, '/readyz')).status).toBe(200)
  expect((await ask(target, '/v2/_catalog?ns=ghcr.io')).status).toBe(404)
  const events = await EventReader.open(target)

  await writeFile(file, `${yaml.replace('{}}', '{}, ghcr.io: {}}')}`)
  child.kill('SIGHUP')
  await logged(/the changed configuration is taken up/)
  expect((await ask(target, '/v2/_catalog?ns=ghcr.io')).status).toBe(200)

  await writeFile(file, 'listn: 1\n')
  child.kill('SIGHUP')
  await logged(/is refused, the one before stays.*listn/)
  const takenUp = await events.find('configuration-taken-up')
  expect(takenUp.event.data).toEqual({ file, waiting: [] })
  const refused = await events.find('configuration-refused')
  expect(refused.event.data).toEqual({ file, problems: ['listn'] })
  expect((await ask(target, '/v2/_catalog?ns=ghcr.io')).status).toBe(200)
  const attention = async () => (await ask(target, '/api/v1/attention')).body.toString()
  expect(await attention()).toContain('configuration-refused')

  await writeFile(file, `${yaml.replace('{}}', '{}, ghcr.io: {}}')}`)
  child.kill('SIGHUP')
  await vi.waitFor(async () => expect(await attention()).toBe('{"attention":[]}'), 5_000)

  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  expect(output().stdout).toContain('stopped')
  expect(output().stderr).toBe('')
})

const longName = 'x'.repeat(200)

test.each([2, 4])(
  'with %i threads every request leaves one whole line in a pipe',
  async (threads) => {
    const settings = `listen: 127.0.0.1:0\ndata: ./data\nthreads: ${threads}\n`
    const file = await writeFileOf(`${settings}upstreams: {docker.io: {}}\n`)
    const child = start('serve', '--config', file)
    const output = collect(child)
    const listening = () => /listening on 127\.0\.0\.1:(\d+)/.exec(output().stdout)?.[1]
    const port = Number(await vi.waitFor(() => listening() ?? Promise.reject(), 20_000))
    const askAll = async (names: readonly string[]) => {
      const left = [...names]
      const client = async () => {
        for (let name = left.pop(); name; name = left.pop())
          await ask({ port }, `/v2/${longName}/${name}`)
      }
      await Promise.all(Array.from({ length: 24 }, client))
    }
    const nameUpTo = (count: number, kind: string) =>
      Array.from({ length: count }, (_, index) => `${kind}-${index}`)
    // Threads listen a little later than the main one does.
    const early = nameUpTo(100, 'early')
    await askAll(early)
    await delay(500)
    const many = nameUpTo(3_000, 'many')
    await askAll(many)

    child.kill('SIGTERM')
    await once(child, 'close')

    const lines = output().stdout.trimEnd().split('\n')
    const requests = lines.map((line) => JSON.parse(line)).filter(({ method }) => method)
    const logged = requests.map(({ msg }) => msg.replace(`GET /v2/${longName}/`, ''))
    expect(logged).toHaveLength(early.length + many.length)
    expect(new Set(logged)).toEqual(new Set([...early, ...many]))
  },
)

test('with tls, serve says https and warns of a certificate that has expired, until it is renewed', async () => {
  const folder = await makeFolder()
  const expired = await makeCertificates(join(folder, 'expired'), { days: -1 })
  const renewed = await makeCertificates(join(folder, 'renewed'))
  const tls = `tls: {cert: ${expired.certFile}, key: ${expired.keyFile}}`
  const file = await writeFileOf(`listen: 127.0.0.1:0\ndata: ${folder}/data\n${tls}\n`)
  const checked = await run('check', '--config', file)
  const child = start('serve', '--config', file)
  const output = collect(child)
  const logged = (text: RegExp) => vi.waitFor(() => expect(output().stdout).toMatch(text), 20_000)
  await logged(/listening on https:\/\/127\.0\.0\.1:\d+,/)
  await logged(/"registry-mirrors\\": \[\\"https:\/\/127\.0\.0\.1:\d+\\"\]/)
  await logged(/"level":40,.*expired\/tls\.pem expired on /)

  for (const name of ['certFile', 'keyFile'] as const) await rename(renewed[name], expired[name])
  await logged(/new connections get the certificate in .*, valid until \d{4}-\d\d-\d\d/)

  expect(checked.code).toBe(0)
  expect(checked.stderr).toContain('note: the certificate in')
  const keys = [expired, renewed].map(({ key }) => key.split('\n')[1] ?? '')
  const everything = [output().stdout, output().stderr, checked.stdout, checked.stderr].join()
  for (const key of keys) expect(everything).not.toContain(key.slice(0, 20))
})
