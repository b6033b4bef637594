// Puts the server and its libraries together in dist/: from a few files it starts in a third of the
// time that it takes from some 900, and needs a third less memory. With --if-stale only when
// something has changed since.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const root = import.meta.dirname
const output = join(root, 'dist')
/** Each starts a thread: the main one, and those that serve beside it. */
const entries = { main: 'src/main.ts', 'serving-thread': 'src/threads/serving-thread.ts' }
/** Has a part that isn't JavaScript, and finds it beside itself. */
const native = ['better-sqlite3']

const build = async (): Promise<void> => {
  const { rolldown } = await import('rolldown')
  const input = Object.entries(entries).map(([name, file]) => [name, join(root, file)])
  const bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries(input),
    platform: 'node',
    external: native,
  })
  await rm(output, { recursive: true, force: true })
  await bundle.write({
    dir: output,
    format: 'esm',
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  })
  await bundle.close()
}

/** Whether dist/ is older than anything it is made of. */
const isStale = async (): Promise<boolean> => {
  const built = await stat(join(output, 'main.js')).catch(() => undefined)
  if (!built) return true
  const names = await readdir(join(root, 'src'), { recursive: true })
  const sources = names.map((name) => join('src', name))
  for (const name of ['build.ts', 'package-lock.json', ...sources]) {
    if ((await stat(join(root, name))).mtimeMs > built.mtimeMs) return true
  }
  return false
}

if (!process.argv.includes('--if-stale') || (await isStale())) await build()
