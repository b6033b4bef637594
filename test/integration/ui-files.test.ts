import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { builtMain } from '../support/built-program.ts'
import { ask } from '../support/raw-client.ts'
import { type Entrepot, startEntrepot } from '../support/start-entrepot.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const mostScriptBytes = 120_000

let server: Entrepot
let folder: string

beforeAll(async () => {
  const directory = await makeTemporaryDirectory()
  server = await startEntrepot(directory.path, {})
  const [, name = ''] = /\.\/([\w-]+)\/main\.js/.exec(await readFile(builtMain, 'utf8')) ?? []
  folder = join(builtMain, '..', name, 'ui')
  return async () => {
    await server.stop()
    await directory.remove()
  }
})

const listAssets = async (ending: string) =>
  (await readdir(join(folder, 'assets'))).filter((name) => name.endsWith(ending))

test('all scripts together stay small', async () => {
  const names = await listAssets('.js.gz')
  const sizes = await Promise.all(names.map((name) => stat(join(folder, 'assets', name))))
  const total = sizes.reduce((sum, { size }) => sum + size, 0)
  expect(total).toBeGreaterThan(10_000)
  expect(total).toBeLessThan(mostScriptBytes)
})

test('no file names a place of the machine that built it', async () => {
  const names = await listAssets('.js')
  const texts = await Promise.all(
    names.map((name) => readFile(join(folder, 'assets', name), 'utf8')),
  )
  expect(texts.join('\n')).not.toMatch(/\.tsx\b/)
})

test('no file names another host', async () => {
  const names = [...(await listAssets('.js')), ...(await listAssets('.css'))]
  const texts = names.map((name) => readFile(join(folder, 'assets', name), 'utf8'))
  const [page, ...others] = await Promise.all([
    readFile(join(folder, 'index.html'), 'utf8'),
    ...texts,
  ])
  expect(page).not.toMatch(/(src|href)="(https?:)?\/\//)
  expect(others.join('\n')).not.toMatch(/(url\(|import\(|@import\s*)["']?(https?:)?\/\//)
})

test('the page may be asked for again, and what it names is kept for good', async () => {
  const page = await ask(server, '/ui/')
  expect(page.status).toBe(200)
  expect(page.headers['cache-control']).toBe('no-cache')
  const [script = ''] = /assets\/[^"]+\.js/.exec(page.body.toString()) ?? []
  const asset = await ask(server, `/ui/${script}`, { headers: { 'accept-encoding': 'gzip' } })
  expect(asset.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-encoding': 'gzip',
    'content-type': expect.stringContaining('javascript'),
    vary: 'Accept-Encoding',
  })
  expect(gunzipSync(asset.body).length).toBeGreaterThan(asset.body.length)
})

test.each(['/ui/', '/ui/assets/nothing.js'])(
  '%s has a policy that lets in nothing foreign',
  async (path) => {
    const { headers } = await ask(server, path)
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
  },
)

test.each([
  '/ui/assets/nothing.js',
  '/ui/../main.js',
  '/ui/..%2fmain.js',
  '/ui/%2e%2e/main.js',
  '/ui/assets/..\\..\\main.js',
  '/ui/index.html/',
])('%s is nothing', async (path) => {
  const { status, headers } = await ask(server, path)
  expect([400, 404]).toContain(status)
  expect(headers['cache-control'] ?? '').not.toContain('immutable')
})

test.each(['/', '/ui'])('%s leads to it', async (path) => {
  const { status, headers } = await ask(server, path)
  expect(status).toBe(302)
  expect(headers.location).toBe('/ui/')
})
