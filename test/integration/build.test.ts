import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder } from '../support/start-mirrored.ts'

// What is built has a place of its own for that.
delete process.env.NODE_COMPILE_CACHE

const run = promisify(execFile)
const project = join(import.meta.dirname, '../..')
/** Prints a word, and another from a part that it reads only when it is told to. */
const sources = {
  'src/main.ts': `console.log('first')
if (process.argv.includes('wait')) {
  process.stdin.once('data', async () => console.log((await import('./late.ts')).word))
}`,
  'src/late.ts': `export const word = 'late'`,
  'src/threads/serving-thread.ts': `console.log('thread')`,
  'src/store/database/checkpoint-thread.ts': `console.log('checkpoint')`,
  'src/store/database/copy-thread.ts': `console.log('copy')`,
  'src/store/database/ledger-thread.ts': `console.log('ledger')`,
  'src/backup/backup-thread.ts': `console.log('backup')`,
  'src/ui/index.html': '<!doctype html><script type="module" src="./main.tsx"></script>',
  'src/ui/main.tsx': `document.title = 'looked at'`,
  'package.json': '{"type": "module"}',
  'package-lock.json': '{}',
}

/** A small program that the project's own build.ts builds. */
const makeProgram = async () => {
  const folder = await makeFolder()
  for (const name of Object.keys(sources)) {
    await mkdir(join(folder, dirname(name)), { recursive: true })
  }
  const write = (name: string, text: string) => writeFile(join(folder, name), text)
  for (const [name, text] of Object.entries(sources)) await write(name, text)
  for (const name of ['build.ts', 'build-ui.ts']) {
    await copyFile(join(project, name), join(folder, name))
  }
  await symlink(join(project, 'node_modules'), join(folder, 'node_modules'))
  const dist = join(folder, 'dist')
  const main = join(dist, 'main.js')
  const build = (...args: string[]) =>
    run(process.execPath, ['build.ts', ...args], { cwd: folder, timeout: 20_000 })
  const start = async () => (await run(process.execPath, [main])).stdout.trim()
  /** Says by its name which build is the newest. */
  const newest = async () => /\.\/([\w-]+)\//.exec(await readFile(main, 'utf8'))?.[1] ?? 'none'
  /** As if the folder had last changed so many days ago. */
  const age = async (name: string, days: number) => {
    const time = new Date(Date.now() - days * 24 * 3_600_000)
    await utimes(join(dist, name), time, time)
  }
  return { folder, dist, main, write, build, start, newest, age }
}

test('a build that nothing has changed since is kept', async () => {
  const { build, start, newest, folder } = await makeProgram()
  await build('--if-stale')
  const first = await newest()
  // A checkout gives files new times.
  await utimes(join(folder, 'src/main.ts'), new Date(), new Date(Date.now() + 60_000))

  await build('--if-stale')

  expect(await newest()).toBe(first)
  expect(await start()).toBe('first')
})

test.each(['src/main.ts', 'src/added.ts', 'package-lock.json', 'build.ts'])(
  'a change of %s is built, though the file be older than the build',
  async (name) => {
    const { build, newest, write, folder } = await makeProgram()
    await build('--if-stale')
    const first = await newest()
    const text = await readFile(join(folder, name), 'utf8').catch(() => '')
    await write(name, `${text}\n`)
    await utimes(join(folder, name), new Date(0), new Date(0))

    await build('--if-stale')

    expect(await newest()).not.toBe(first)
  },
)

test.each(['serving-thread.js', 'checkpoint-thread.js', 'copy-thread.js', 'stamp'])(
  'a build that lacks its %s is made anew',
  async (missing) => {
    const { build, start, newest, dist } = await makeProgram()
    await build('--if-stale')
    const first = await newest()
    await rm(join(dist, first, missing))

    await build('--if-stale')

    expect(await newest()).not.toBe(first)
    expect(await readdir(join(dist, await newest()))).toContain(missing)
    expect(await start()).toBe('first')
  },
)

test('a build that fails leaves the one before, and the next one is made', async () => {
  const { build, start, newest, write } = await makeProgram()
  await build('--if-stale')
  const first = await newest()
  await write('src/main.ts', `import './not-there.ts'`)
  await expect(build('--if-stale')).rejects.toThrow(/not-there/)

  expect(await newest()).toBe(first)
  expect(await start()).toBe('first')

  await write('src/main.ts', `console.log('second')`)
  await build('--if-stale')
  expect(await start()).toBe('second')
})

test('a build that is killed at any time leaves a program that runs', async () => {
  const { build, start, newest, write, folder } = await makeProgram()
  await build('--if-stale')
  const first = await newest()
  for (let killedAfterMs = 60; killedAfterMs < 1_000; killedAfterMs += 80) {
    await write('src/main.ts', `console.log('killed ${killedAfterMs}')`)
    const options = { cwd: folder, timeout: killedAfterMs, killSignal: 'SIGKILL' } as const
    await run(process.execPath, ['build.ts'], options).catch(() => {})
    expect(await start()).toMatch(/^(first|killed \d+)$/)
  }

  await build('--if-stale')

  expect(await newest()).not.toBe(first)
  expect(await start()).toBe('killed 940')
})

test('what runs finds its parts after other builds, though it be old itself', async () => {
  const { build, newest, write, main, age } = await makeProgram()
  await build()
  await age(await newest(), 365)
  const child = spawn(process.execPath, [main, 'wait'])
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  child.stdout.on('data', (chunk) => {
    printed += chunk
  })
  await once(child.stdout, 'data')

  for (const word of ['later', 'latest']) {
    await write('src/late.ts', `export const word = '${word}'`)
    await build()
  }
  child.stdin.end('go\n')
  await once(child, 'close')

  expect(printed).toBe('first\nlate\n')
})

test('what is compiled at the first start is there for the next one, and makes no build stale', async () => {
  const { build, start, newest, dist } = await makeProgram()
  await build()
  const first = await newest()
  await start()
  expect(await readdir(join(dist, first, 'compiled'))).toHaveLength(1)
  await build('--if-stale')
  expect(await newest()).toBe(first)
})

test('a build is taken away once it was replaced more than a month ago', async () => {
  const { build, newest, dist, age } = await makeProgram()
  const names: string[] = []
  for (const days of [31, 29, 31]) {
    await build()
    names.push(await newest())
    for (const name of names.slice(0, -1)) await age(name, days)
  }
  const [first, second, third] = names
  expect((await readdir(dist)).sort()).toEqual([first, second, third, 'main.js'].sort())

  await build()

  expect((await readdir(dist)).sort()).toEqual([third, await newest(), 'main.js'].sort())
})
