import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { hashPassword } from '../../src/access/password-hash.ts'
import type { Client } from '../support/lab/client.ts'
import { programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { startRegistry } from '../support/lab/registry.ts'
import { pushSamples, type Sample } from '../support/lab/sample-images.ts'
import type { Entrepot } from '../support/start-entrepot.ts'
import { openUi, type PageOptions, startBrowser } from '../support/ui/browser.ts'
import { expectAccessible } from '../support/ui/expect-accessible.ts'

describePeers('the traffic page', [...programsOf(['skopeo']), 'chromium'], (lab) => {
  let browser: Browser
  let mirror: Entrepot
  let samples: Record<'small' | 'three-platform', Sample>

  beforeAll(async () => {
    const upstream = await startRegistry(lab)
    samples = await pushSamples(upstream, ['small', 'three-platform'])
    mirror = await startMirror(
      lab,
      { url: upstream.url },
      { config: { clients: { ci: '127.0.0.1' } } },
    )
    const { skopeo } = await startClients(lab, mirror.port, ['skopeo'])
    for (const name of ['small', 'small', 'three-platform'] as const) await pull(skopeo, name)
    await fetch(`${mirror.url}/v2/docker.io/library/none/manifests/1`)
    browser = await startBrowser(lab)
    await untilCounted()
  })

  const pull = (skopeo: Client, name: keyof typeof samples) => skopeo.pull(samples[name].byTag)

  /** What was pulled is written some seconds later. */
  const readSession = async () => (await fetch(`${mirror.url}/api/v1/session`)).json()
  const untilCounted = () =>
    vi.waitFor(async () => {
      if ((await countPulls()) < 3) throw new Error('the pulls are not counted yet')
    }, 20_000)
  const countPulls = async () => {
    const answer = await fetch(`${mirror.url}/api/v1/report?by=image`)
    return ((await answer.json()) as { totals: { pulls: number } }).totals.pulls
  }

  const visit = async (query = '', options: PageOptions = {}) => {
    const opened = await openUi(browser, mirror.url, `#/traffic${query}`, options)
    await opened.page.getByRole('table').first().waitFor()
    await opened.page.locator('.traffic-summary').waitFor()
    return opened
  }
  const rowsOf = (page: Page) => page.locator('.rows tbody tr')
  const textOf = (page: Page) => page.locator('main').innerText()
  const shoot = async (page: Page, name: string) => {
    const folder = process.env.SCREENSHOTS
    if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
  }

  test('shows what was pulled, from where, and what failed', async () => {
    const { page, faults, close } = await visit()
    expect(await page.locator('.traffic-summary').innerText()).toMatch(/3 pulls.*served.*1 failed/s)
    expect(await textOf(page)).toContain('docker.io/library/small:1')
    await expectAccessible(page)
    await shoot(page, 'traffic')
    expect(faults).toEqual([])
    await close()
  })

  test('a row that is chosen becomes a filter, which the link keeps and a click takes away', async () => {
    const { page, close } = await visit('?by=client')
    await page.getByRole('button', { name: 'ci', exact: true }).click()
    await page.getByRole('button', { name: 'docker.io/library/small', exact: true }).click()
    await page.getByRole('button', { name: 'docker.io/library/small:1', exact: true }).waitFor()
    await expect.poll(() => page.locator('.traffic-summary').innerText()).toContain('2 pulls')
    const link = page.url()
    await page.goto('about:blank')
    await page.goto(link)
    await page.getByRole('button', { name: /Remove the filter Client: ci/ }).waitFor()
    await expect.poll(() => page.locator('.traffic-summary').innerText()).toContain('2 pulls')
    await expectAccessible(page)

    await page.getByRole('button', { name: /Remove the filter Repository/ }).click()
    await expect.poll(() => page.locator('.traffic-summary').innerText()).toContain('3 pulls')
    await close()
  })

  test('a failed request is found by its outcome', async () => {
    const { page, close } = await visit('?by=outcome&since=7d')
    expect(await page.getByLabel('7 days').isChecked()).toBe(true)
    await page.getByRole('button', { name: 'Not found' }).click()
    await page.getByRole('button', { name: 'docker.io/library/none', exact: true }).waitFor()
    await expect.poll(() => rowsOf(page).count()).toBe(1)
    await close()
  })

  test('the chart shows bytes or pulls, and what keys mark in it is shown alone', async () => {
    const { page, close } = await visit('?by=hour')
    await page.getByText('Pulls', { exact: true }).first().click()
    await page.getByRole('heading', { name: 'Pulls over time' }).waitFor()
    await page.locator('.chart-plot').focus()
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => page.locator('.chart-tip').innerText()).toMatch(/From cache \d/)
    await page.keyboard.press('Shift+ArrowLeft')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toMatch(/since=.*until=/)
    await page.getByLabel('From', { exact: true }).waitFor()
    expect(page.url()).toContain('metric=pulls')
    await expect.poll(() => page.locator('.traffic-summary').innerText()).toContain('3 pulls')
    await close()
  })

  test('dragging across the bars does the same', async () => {
    const { page, close } = await visit()
    const plot = await page.locator('.chart-plot .u-over').boundingBox()
    if (!plot) throw new Error('there is no chart')
    const y = plot.y + plot.height / 2
    await page.mouse.move(plot.x + plot.width * 0.5, y)
    await page.mouse.down()
    await page.mouse.move(plot.x + plot.width * 0.75, y, { steps: 5 })
    await page.mouse.up()
    await expect.poll(() => page.url()).toMatch(/since=.*until=/)
    await page.getByText('No pulls in this range.').waitFor()
    await page.getByRole('button', { name: 'Show a year' }).click()
    await expect.poll(() => page.locator('.traffic-summary').innerText()).toContain('3 pulls')
    await close()
  })

  test('the file has what is shown', async () => {
    const { page, close } = await visit('?by=repository&repository=docker.io/library/small')
    const arriving = page.waitForEvent('download')
    await page.getByRole('link', { name: 'CSV' }).click()
    const lines: string[] = []
    for await (const chunk of await (await arriving).createReadStream()) lines.push(String(chunk))
    expect(lines.join('').trim().split('\r\n')).toHaveLength(2)
    expect(lines.join('')).toContain('docker.io/library/small')
    await close()
  })

  test('fits on a phone', async () => {
    const { page, close } = await visit('', { width: 390, height: 844 })
    const overhang = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overhang).toBeLessThanOrEqual(0)
    await expectAccessible(page)
    await shoot(page, 'traffic-phone')
    await close()
  })

  test('who isn’t signed in is told that clients are shown to who is', async () => {
    const users = `somebody:${await hashPassword('whatever')}\n`
    await writeFile(join(mirror.data, 'htpasswd'), users)
    await vi.waitFor(async () => {
      if (((await readSession()) as { canLogIn: boolean }).canLogIn) return
      throw new Error('the users are not known yet')
    }, 10_000)
    const { page, faults, close } = await openUi(browser, mirror.url, '#/traffic?by=client')
    await page.getByText('Who pulls, and from where, is shown to who is signed in.').waitFor()
    expect(await page.getByRole('link', { name: 'CSV' }).count()).toBe(0)
    await page.goto(`${mirror.url}/ui/#/traffic?client=ci`)
    await page.getByText('Sign in to see the traffic.').first().waitFor()
    expect(await textOf(page)).not.toContain('pulls')
    expect(faults).toEqual([])
    await close()
  })
})
