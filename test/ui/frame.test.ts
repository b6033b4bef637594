import type { Browser } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import type { Entrepot } from '../support/start-entrepot.ts'
import { openUi, startBrowser } from '../support/ui/browser.ts'
import { expectAccessible, expectAccessibleInBoth } from '../support/ui/expect-accessible.ts'
import { settle } from '../support/ui/settle.ts'

const pages = [
  ['Overview', ''],
  ['Images', '#/images'],
  ['Traffic', '#/traffic'],
  ['Space', '#/space'],
  ['Upstreams', '#/upstreams'],
  ['Set-up', '#/setup'],
  ['Access', '#/access'],
] as const

describePeers('the frame around all pages', ['chromium'], (lab) => {
  let browser: Browser
  let mirror: Entrepot

  beforeAll(async () => {
    mirror = await startMirror(lab, {})
    browser = await startBrowser(lab)
  })

  test.each(pages)(
    '%s opens, asks nobody else, breaks no rule, and axe finds nothing',
    async (title, path) => {
      const { page, faults, close } = await openUi(browser, mirror.url, path)
      await page.getByRole('heading', { level: 1, name: title }).waitFor()
      await settle(page)
      await expectAccessibleInBoth(page)
      expect(await page.title()).toBe(`${title} – Entrepot`)
      expect(faults).toEqual([])
      await close()
    },
  )

  test.each(pages)('%s fits on a phone', async (title, path) => {
    const { page, close } = await openUi(browser, mirror.url, path, { width: 390, height: 844 })
    await page.getByRole('heading', { level: 1, name: title }).waitFor()
    const overhang = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overhang).toBeLessThanOrEqual(0)
    await close()
  })

  test('the server’s root leads there, and so does /ui', async () => {
    const { page, close } = await openUi(browser, mirror.url)
    for (const path of ['/', '/ui']) {
      await page.goto(`${mirror.url}${path}`)
      expect(page.url()).toBe(`${mirror.url}/ui/`)
    }
    await close()
  })

  test('keys go to pages, and Esc closes the list of them', async () => {
    const { page, close } = await openUi(browser, mirror.url)
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('u')
    await page.getByRole('heading', { level: 1, name: 'Upstreams' }).waitFor()
    // It has nothing to search in.
    await page.keyboard.press('/')
    await page.locator('[aria-label="Search repositories"]:focus').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    const keys = page.getByRole('dialog', { name: 'Keys' })
    await keys.waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await keys.waitFor({ state: 'detached' })
    await close()
  })

  test('the chosen theme is kept', async () => {
    const { page, close } = await openUi(browser, mirror.url)
    const shade = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    const light = await shade()
    await page.getByText('Dark', { exact: true }).click()
    const dark = await shade()
    await page.reload()
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await shade()).toBe(dark)
    expect(dark).not.toBe(light)
    await close()
  })

  test('a server that fails is told of, with how old its last answer is, until it doesn’t', async () => {
    const { page, close } = await openUi(browser, mirror.url, '#/space')
    await settle(page)
    await page.route('**/api/v1/report?*', (route) => route.fulfill({ status: 500 }))
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    const fault = page.locator('.course .fault')
    await fault.getByText('The server answered 500 and didn’t say why.').waitFor()
    await fault.getByText('Its last good answer came just now.').waitFor()
    await page.unroute('**/api/v1/report?*')
    await fault.getByRole('button', { name: 'Try again' }).click()
    await page.locator('.traffic-summary').waitFor()
    expect(await page.locator('.course .fault').count()).toBe(0)
    await close()
  })

  test('an address of no page says so', async () => {
    const { page, close } = await openUi(browser, mirror.url, '#/nowhere')
    await page.getByText('There is no page “nowhere”.').waitFor()
    await close()
  })
})
