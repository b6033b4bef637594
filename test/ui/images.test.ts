import type { Browser } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { runToSuccess } from '../support/lab/background-process.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { pushImage, pushIndex } from '../support/lab/push-image.ts'
import { startRegistry } from '../support/lab/registry.ts'
import type { Entrepot } from '../support/start-entrepot.ts'
import { openUi, startBrowser } from '../support/ui/browser.ts'
import { expectAccessible } from '../support/ui/expect-accessible.ts'

const alpine = 'docker.io/library/alpine'
const platforms = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
]
const shared = { layerSizes: [300_000, 20_000] }

describePeers('images', ['chromium', 'skopeo'], (lab) => {
  let browser: Browser
  let mirror: Entrepot

  const toHosted = (repository: string) => ({ url: mirror.url, repository })

  beforeAll(async () => {
    const registry = await startRegistry(lab)
    const upstream = { url: registry.url, repository: 'library/alpine' }
    for (const tag of ['3.9', '3.10', '3.20']) {
      const layerSeeds = ['base', tag]
      await pushImage(upstream, tag, { seed: tag, ...shared, layerSeeds })
    }
    const rules = [{ who: 'anonymous', repositories: 'team/old', may: ['delete'] }]
    const config = { access: { anonymous: 'push', rules } }
    mirror = await startMirror(lab, { url: registry.url }, { config })
    await pushIndex(toHosted('team/app'), '1.0', { seed: 'a', layerSizes: [50_000], platforms })
    await pushImage(toHosted('team/app'), '1.1', { seed: 'b', layerSizes: [90_000] })
    await pushImage(toHosted('team/tool'), 'edge', { seed: 'c', layerSizes: [1_000] })
    for (const tag of ['3.9', '3.10', '3.20', '3.20']) await pull(`${alpine}:${tag}`)
    browser = await startBrowser(lab)
  })

  const pull = (image: string) =>
    runToSuccess([
      ...['skopeo', '--insecure-policy', 'copy', '--src-tls-verify=false'],
      `docker://127.0.0.1:${mirror.port}/${image}`,
      `dir:${lab.path('pulled')}`,
    ])

  const open = (path: string, options = {}) => openUi(browser, mirror.url, path, options)

  const rowsOf = (page: Awaited<ReturnType<typeof open>>['page']) =>
    page.locator('main tbody a').allTextContents()

  test('all repositories are listed, sorted by the server, and searched as one types', async () => {
    const { page, faults, close } = await open('#/images')
    await page.getByRole('status').getByText('3 repositories').waitFor()
    expect((await rowsOf(page))[0]).toBe(alpine)
    await expectAccessible(page)

    await page.getByRole('button', { name: 'Name' }).click()
    await page.waitForFunction(`location.hash.includes('sort=name')`)
    await page.locator('th[aria-sort=ascending]').waitFor()
    await expect.poll(() => rowsOf(page)).toEqual([alpine, 'team/app', 'team/tool'])
    await page.getByRole('button', { name: 'Size here' }).click()
    await expect.poll(() => rowsOf(page)).toEqual([alpine, 'team/app', 'team/tool'])
    await page.getByRole('button', { name: 'Size here' }).click()
    await expect.poll(() => rowsOf(page)).toEqual(['team/tool', 'team/app', alpine])

    await page.keyboard.press('/')
    await page.keyboard.type('team/t')
    await page.getByRole('status').getByText('1 repository').waitFor()
    expect(await rowsOf(page)).toEqual(['team/tool'])
    expect(page.url()).toContain('search=team%2Ft')
    await page.reload()
    await page.getByRole('status').getByText('1 repository').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('none')
    await page.getByText('Nothing matches “none”.').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Clear all filters' }).click()
    await page.getByRole('status').getByText('3 repositories').waitFor()

    await page.getByLabel('Source').selectOption('hosted')
    await page.getByRole('status').getByText('2 repositories').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  test('keys go down the list and open a repository', async () => {
    const { page, close } = await open('#/images?sort=name')
    await page.getByRole('link', { name: 'team/app' }).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'team/app' }).waitFor()
    expect(page.url()).toContain('#/images/team/app')
    // From there the keys go on, and who listens hears where he is.
    await page.locator('h1:focus').waitFor({ state: 'attached' })
    expect(await page.title()).toBe('team/app – Entrepot')
    await close()
  })

  test('what is pushed while one looks is there without a reload', async () => {
    const { page, close } = await open('#/images?sort=name')
    await page.locator('[data-state=live]').waitFor()
    await page.getByRole('link', { name: 'team/app' }).waitFor()
    await pushImage(toHosted('team/brandnew'), '1', { seed: 'd', layerSizes: [1_000] })
    await page.getByRole('link', { name: 'team/brandnew' }).waitFor()
    await close()
  })

  test('a repository shows its tags, what they take, and how often they were pulled', async () => {
    const { page, faults, close } = await open(`#/images/${alpine}?sort=-tag`)
    await page.getByText(`docker pull 127.0.0.1:${mirror.port}/${alpine}:3.20`).waitFor()
    await page.getByText('Mirrored from docker.io').waitFor()
    expect(await rowsOf(page)).toEqual(['3.20', '3.10', '3.9'])
    // The ledger is written some seconds later.
    await page.getByRole('img', { name: /^2 pulls in 30 days/ }).waitFor({ timeout: 40_000 })
    await page
      .getByText(/2\d\.\d KiB only it/)
      .first()
      .waitFor()
    await page.getByText('checked').first().waitFor()
    await expectAccessible(page)

    await page.getByRole('checkbox', { name: 'Tick 3.20' }).check()
    await page.keyboard.press('j')
    await page.keyboard.press('x')
    const compare = page.getByRole('link', { name: 'Compare them' })
    expect(await compare.getAttribute('href')).toBe(
      `#/compare?a=${encodeURIComponent(`${alpine}:3.20`)}&b=${encodeURIComponent(`${alpine}:3.10`)}`,
    )
    expect(await page.getByRole('link', { name: '3.9' }).getAttribute('href')).toBe(
      `#/image/${alpine}:3.9`,
    )
    await page.keyboard.press('/')
    await page.keyboard.type('3.1')
    await page.getByRole('status').getByText('1 tag', { exact: true }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  test('ticked tags can be deleted by who may', async () => {
    await pushImage(toHosted('team/old'), '1', { seed: 'e', layerSizes: [1_000] })
    await pushImage(toHosted('team/old'), '2', { seed: 'f', layerSizes: [1_000] })
    const { page, close } = await open('#/images/team/old')
    await page.getByRole('checkbox', { name: 'Tick 1' }).check()
    await page.getByRole('status').getByText('1 tag ticked').waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByText(/^Deleted: 1 tag/).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('status').getByText('1 tag', { exact: true }).waitFor()
    expect(await rowsOf(page)).toEqual(['2'])
    await close()
  })

  test('an index tells its platforms', async () => {
    const { page, close } = await open('#/images/team/app')
    await page.getByText('amd64 · arm64').waitFor()
    await page.getByText('Pushed here').waitFor()
    await close()
  })

  test.each(['#/images', `#/images/${alpine}`])('%s fits on a phone', async (path) => {
    const { page, close } = await open(path, { width: 390, height: 844 })
    await page.getByRole('link', { name: path === '#/images' ? alpine : '3.20' }).waitFor()
    const overhang = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overhang).toBeLessThanOrEqual(0)
    await expectAccessible(page)
    await close()
  })

  test('nothing moves once it is there', async () => {
    const { page, close } = await open('')
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await page.evaluate(`new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (!entry.hadRecentInput) globalThis.shifted = (globalThis.shifted ?? 0) + entry.value
    }).observe({ type: 'layout-shift' })`)
    await page.evaluate(`location.hash = '#/images/${alpine}'`)
    await page.getByRole('link', { name: '3.20' }).waitFor()
    await page.waitForTimeout(300)
    expect(Number(await page.evaluate('globalThis.shifted ?? 0'))).toBeLessThan(0.1)
    await close()
  })

  test('a repository of which nothing is kept says so', async () => {
    const { page, close } = await open('#/images/team/unknown')
    await page.getByText('nothing of docker.io/team/unknown is kept here').first().waitFor()
    await expectAccessible(page)
    await close()
  })
})
