import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import type { Report } from '../../../src/traffic/any-reports.ts'
import type { Client } from '../../support/lab/client.ts'
import { programsOf, startClients } from '../../support/lab/clients.ts'
import { describePeers } from '../../support/lab/describe-peers.ts'
import { startMirror } from '../../support/lab/mirror.ts'
import { type Registry, startRegistry } from '../../support/lab/registry.ts'
import { pushSamples, type Sample } from '../../support/lab/sample-images.ts'
import type { Entrepot } from '../../support/start-entrepot.ts'
import { openUi, startBrowser } from '../../support/ui/browser.ts'
import { expectAccessible } from '../../support/ui/expect-accessible.ts'

const visit = async (browser: Browser, mirror: Entrepot, path = '', options = {}) => {
  const opened = await openUi(browser, mirror.url, path, options)
  await opened.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await opened.page.locator('main .waiting').waitFor({ state: 'detached' })
  return opened
}

/**
 * Notes when a bar of what is under way is shown first, and when more of it was told: between that it glides by
 * itself, which is no sign of anything.
 */
const watchBars = `
  window.barTimes = {}
  const look = () => {
    const told = document.querySelector('.bars [title$=" bytes"]')
    if (told && document.querySelector('.bars progress')) {
      const bytes = Number(told.title.replace(/[^0-9]/g, ''))
      barTimes.seen ??= { at: Date.now(), bytes }
      if (bytes > barTimes.seen.bytes) barTimes.moved ??= { at: Date.now(), bytes }
    }
    requestAnimationFrame(look)
  }
  look()`

type BarTimes = { readonly moved?: { readonly at: number; readonly bytes: number } }

describePeers('the overview', [...programsOf(['skopeo']), 'chromium'], (lab) => {
  let browser: Browser
  let upstream: Registry
  let mirror: Entrepot
  let skopeo: Client
  let samples: Record<'small' | 'big', Sample>

  beforeAll(async () => {
    upstream = await startRegistry(lab)
    samples = await pushSamples(upstream, ['small', 'big'])
    // What a good line has: 256 MiB take some seconds.
    mirror = await startMirror(lab, { url: upstream.url, bandwidth: '90MB/s' })
    const clients = await startClients(lab, mirror.port, ['skopeo'])
    skopeo = clients.skopeo
    browser = await startBrowser(lab)
  })

  /** Where somebody may look at them. */
  const shoot = async (page: Page, name: string) => {
    const folder = process.env.SCREENSHOTS
    if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
  }
  const textOf = (page: Page) => page.locator('main').innerText()

  /** When the server was asked for something first since then, as its log has it. */
  const firstRequestAfter = (begunAt: number) =>
    vi.waitFor(async () => {
      const log = (await mirror.readLog()) as readonly { time?: number; ms?: number; msg: string }[]
      const times = log
        .filter(({ msg }) => msg.startsWith('GET /v2/'))
        .map(({ time = 0, ms = 0 }) => time - ms)
      const first = times.find((time) => time >= begunAt - 5)
      return first ?? Promise.reject(new Error('nothing was asked for yet'))
    }, 5_000)

  test('leads through the first pull, and ticks it off as it arrives', async () => {
    const { page, faults, close } = await visit(browser, mirror)
    await page.getByText('Waiting for the first pull…').waitFor()
    expect(await textOf(page)).toContain(`"registry-mirrors": [\n    "${mirror.url}"`)
    await page.getByText('k3s', { exact: true }).click()
    await page.getByText('/etc/rancher/k3s/registries.yaml').waitFor()
    await shoot(page, 'first')

    await skopeo.pull(samples.small.byTag)

    await page.getByText('It works').waitFor()
    expect(await page.locator('.live-check').innerText()).toMatch(
      /docker\.io\/library\/small:1 was pulled by 127\.0\.0\.1, from upstream/,
    )
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Show the overview' }).click()
    await page.getByRole('heading', { name: 'Happening now' }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  test('shows a pull of 256 MiB within a second, moving, and what came of it', async () => {
    const { page, faults, close } = await visit(browser, mirror)
    await page.locator('.live').getByText('live', { exact: true }).waitFor()
    await page.evaluate(watchBars)

    const begunAt = Date.now()
    const pulled = skopeo.pull(samples.big.byTag)
    const moved = await vi.waitFor(async () => {
      const times = (await page.evaluate('window.barTimes')) as BarTimes
      return times.moved ?? Promise.reject(new Error('nothing has moved yet'))
    }, 10_000)
    const afterMs = moved.at - (await firstRequestAfter(begunAt))
    console.info(`the bar moved ${afterMs} ms after the pull began`)
    await shoot(page, 'moving')
    expect(afterMs).toBeLessThan(1_000)
    await pulled

    await page.getByText('Nothing is on its way at the moment.').waitFor()
    const row = page.locator('.happening', { hasText: 'docker.io/team/big:1' })
    expect(await row.first().innerText()).toMatch(/Pulled/)
    expect(faults).toEqual([])
    await close()
  })

  test('counts it, by range, and the link keeps the range', async () => {
    // The ledger comes some seconds late.
    await vi.waitFor(async () => {
      const answer = await fetch(`${mirror.url}/api/v1/report?since=1h`)
      const { totals } = (await answer.json()) as Report
      expect(totals.servedBytes).toBeGreaterThan(2 ** 28)
      expect(totals.fetchedBytes).toBeGreaterThan(2 ** 28)
    }, 10_000)
    const { page, faults, close } = await visit(browser, mirror)
    await page.getByRole('link', { name: /Pulls served\s*2/ }).waitFor()
    await page.getByRole('link', { name: 'docker.io/team/big:1' }).waitFor()
    await page.getByText('7 days', { exact: true }).click()
    expect(page.url()).toMatch(/\?range=7d$/)
    await page.getByRole('heading', { name: 'Bytes served' }).waitFor()
    const text = await textOf(page)
    expect(text).toMatch(/Served 25[67] MiB, fetched 25[67] MiB for it/)
    expect(text).toMatch(/docker\.io\s+✓ OK/)
    await page.getByText('Show as table').click()
    await shoot(page, 'figures')
    await expectAccessible(page)
    expect(faults).toEqual([])
    await close()
  })

  test('fits on a phone', async () => {
    const { page, close } = await visit(browser, mirror, '', { width: 390, height: 844 })
    const overhang = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    await shoot(page, 'phone')
    expect(overhang).toBeLessThanOrEqual(0)
    await close()
  })

  test('says what needs somebody, while it does', async () => {
    const { page, faults, close } = await visit(browser, mirror)
    await upstream.stop()
    for (let times = 0; times < 4; times++)
      await fetch(`${mirror.url}/v2/docker.io/team/other/manifests/${times}`)

    const strip = page.getByRole('region', { name: 'Needs attention' })
    await strip.waitFor()
    await shoot(page, 'attention')
    expect(await strip.innerText()).toMatch(/docker\.io can't be reached: .* Go to Upstreams/s)
    expect(faults).toEqual([])
    await close()
  })
})
