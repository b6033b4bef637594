// Puts the web UI together: pages that load what they need when they are opened, and nothing from elsewhere.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'

const compressible = ['.html', '.js', '.css', '.svg']
const packers = { '.br': promisify(brotliCompress), '.gz': promisify(gzip) }

const shared = {
  name: 'shared',
  test: /node_modules|src\/ui\/(parts|api|frame)\//,
  minShareCount: 2,
}

/** Into a folder that it makes; each file also as browsers take it, packed once here instead of for every visitor. */
export const buildUi = async (folder: string): Promise<void> => {
  const { build } = await import('vite')
  await build({
    root: join(import.meta.dirname, 'src/ui'),
    configFile: false,
    logLevel: 'warn',
    // Whatever NODE_ENV is where it is built, as in tests: the same build, which names no file of this machine.
    mode: 'production',
    define: { 'process.env.NODE_ENV': JSON.stringify('production') },
    // Under whatever path a proxy puts it.
    base: './',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'baseline-widely-available',
      // The policy allows no data: in styles, and a file of its own is kept by browsers.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // What pages share is one file: dozens of small ones would be larger together, and are asked for one by one.
      rolldownOptions: { output: { codeSplitting: { groups: [shared] } } },
    },
  })
  await packAll(folder)
}

const packAll = async (folder: string): Promise<void> => {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !compressible.includes(extname(entry.name))) continue
    const file = join(entry.parentPath, entry.name)
    const bytes = await readFile(file)
    for (const [ending, pack] of Object.entries(packers))
      await writeFile(`${file}${ending}`, await pack(bytes))
  }
}
