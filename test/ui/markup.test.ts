import { readFile, writeFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { ScriptedUpstream } from '../support/scripted-upstream.ts'
import type { Entrepot } from '../support/start-entrepot.ts'
import { openUi, startBrowser } from '../support/ui/browser.ts'
import { settle } from '../support/ui/settle.ts'

/** Each would change the page, if it were taken for more than text. */
const markup = (place: string) =>
  `<img class="foreign" src="x" onerror="document.title='${place}'"><script class="foreign">document.title='${place}'</script>`

const paths = [
  '',
  '#/images',
  '#/images/team/app',
  '#/image/team/app:1',
  '#/compare?a=team/app:1&b=team/app:2',
  '#/traffic',
  '#/traffic?by=client',
  '#/space',
  '#/upstreams',
  '#/upstreams/docker.io',
  '#/setup',
  '#/access',
  `#/${encodeURIComponent(markup('page'))}`,
  `#/images?search=${encodeURIComponent(markup('search'))}`,
  `#/images/${encodeURIComponent(markup('repository'))}`,
  `#/image/${encodeURIComponent(markup('image'))}`,
  `#/compare?a=${encodeURIComponent(markup('a'))}&b=${encodeURIComponent(markup('b'))}`,
  `#/traffic?by=${encodeURIComponent(markup('by'))}&repository=${encodeURIComponent(markup('filter'))}`,
] as const

describePeers('names and texts full of markup', ['chromium'], (lab) => {
  let browser: Browser
  let server: Entrepot

  beforeAll(async () => {
    const upstream = await ScriptedUpstream.start()
    lab.onClose(() => upstream.stop())
    upstream.script(/.*/, (usual) => ({
      ...usual,
      status: 500,
      body: Buffer.from(markup('upstream error')),
    }))
    const access = { anonymous: 'push' }
    server = await startMirror(lab, { url: upstream.url }, { config: { access } })
    for (const tag of ['1', '2']) {
      await pushImage({ url: server.url, repository: 'team/app' }, tag, {
        seed: tag,
        layerSizes: [3000, 2000],
        commands: [markup('command'), markup(`command ${tag}`)],
        labels: { [markup('label')]: markup(`label ${tag}`) },
        running: {
          Env: [`${markup('env')}=${tag}`],
          Entrypoint: [markup('entrypoint')],
          WorkingDir: markup('directory'),
        },
      })
    }
    const headers = { 'user-agent': markup('agent') }
    await ask(server, '/v2/team/app/manifests/1', { headers })
    await ask(server, `/v2/library/lost/manifests/${encodeURIComponent(markup('tag'))}`, {
      headers,
    })
    await ask(server, '/v2/library/lost/manifests/1', { headers })
    await refuseConfiguration(server)
    browser = await startBrowser(lab)
  })

  test.each(paths)('%s shows them as text', async (path) => {
    const { page, faults, close } = await openUi(browser, server.url, path)
    await settle(page)
    await expectUntouched(page)
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click()
      await settle(page)
      await expectUntouched(page)
    }
    expect(faults).toEqual([])
    await close()
  })
})

/** A configuration that is wrong is told of on the overview; what stands there may be anything. */
const refuseConfiguration = async ({ configFile, readLog }: Entrepot): Promise<void> => {
  const settings = parse(await readFile(configFile, 'utf8')) as object
  await writeFile(configFile, stringify({ ...settings, [markup('key')]: markup('value') }))
  await vi.waitFor(async () => {
    const lines = await readLog()
    expect(lines.some(({ level, msg }) => level >= 40 && msg.includes('mirrors.yaml'))).toBe(true)
  }, 10_000)
}

const expectUntouched = async (page: Page): Promise<void> => {
  expect(await page.locator('.foreign').count()).toBe(0)
  expect(await page.title()).toMatch(/ – Entrepot$/)
}
