import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { hashPassword } from '../../src/access/password-hash.ts'
import { smallImage } from '../support/image-builder.ts'
import { programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { findFreePort } from '../support/lab/free-port.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { fail, rateLimitHeaders, setHeaders } from '../support/scripted-behaviour.ts'
import { ScriptedUpstream } from '../support/scripted-upstream.ts'
import type { Entrepot } from '../support/start-entrepot.ts'
import { openUi, type PageOptions, startBrowser } from '../support/ui/browser.ts'
import { expectAccessible } from '../support/ui/expect-accessible.ts'

const admin = { user: 'root', password: 'all-powerful' }
const budget = { limit: 100, windowSeconds: 21_600, source: '192.0.2.7' }

describePeers('the upstreams page', [...programsOf(['skopeo']), 'chromium'], (lab) => {
  let browser: Browser
  let upstream: ScriptedUpstream
  let mirror: Entrepot

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start()
    lab.onClose(() => upstream.stop())
    for (const name of ['library/one', 'library/two', 'library/odd'])
      await upstream.repository(name).addImage('1', smallImage(name))
    let remaining = 40
    upstream.script(/manifests/, (usual, request) =>
      rateLimitHeaders({ ...budget, remaining: remaining-- })(usual, request),
    )
    // Nothing is there.
    const gone = `http://127.0.0.1:${await findFreePort()}`
    const others = { 'docker.io': { url: upstream.url }, 'gone.example': { url: gone } }
    const rules = [{ who: admin.user, repositories: '**', may: ['pull', 'admin'] }]
    const config = { upstreams: others, access: { anonymous: 'pull', rules } }
    mirror = await startMirror(lab, {}, { config })
    await writeFile(
      join(mirror.data, 'htpasswd'),
      `${admin.user}:${await hashPassword(admin.password)}\n`,
    )
    const { skopeo } = await startClients(lab, mirror.port, ['skopeo'])
    await skopeo.pull('docker.io/library/one:1')
    await failOnce()
    browser = await startBrowser(lab)
  })

  const ask = (path: string) => fetch(`${mirror.url}/v2/${path}`)
  const failOnce = async () => {
    const takeBack = upstream.script(/none/, fail(503))
    await ask('docker.io/library/none/manifests/1')
    await ask('gone.example/team/app/manifests/1')
    takeBack()
    upstream.script(/odd/, setHeaders({ 'content-encoding': '<b id=bold>x</b>' }))
    await ask('docker.io/library/odd/manifests/1')
  }

  const visit = async (path = '', options: PageOptions = {}) => {
    const opened = await openUi(browser, mirror.url, `#/upstreams${path}`, options)
    await opened.page.getByRole('heading', { level: 1 }).waitFor()
    await opened.page.locator('main .waiting').waitFor({ state: 'detached' })
    return opened
  }
  const visitAsAdmin = async (path = '') => {
    const opened = await visit(path)
    await vi.waitFor(async () => {
      const signIn = `fetch('../api/v1/session', {method: 'POST', body: '${JSON.stringify(admin)}',
        headers: {'Content-Type': 'application/json'}}).then(({ok}) => ok)`
      expect(await opened.page.evaluate(signIn)).toBe(true)
    }, 5_000)
    await opened.page.reload()
    await opened.page.getByRole('heading', { level: 1 }).waitFor()
    return opened
  }
  const rowOf = (page: Page, name: string) => page.locator('tr', { hasText: name })
  const badgeOf = (page: Page, name: string, word: string) =>
    rowOf(page, name).locator('.badge', { hasText: word })
  const textOf = (page: Page) => page.locator('main').innerText()
  const shoot = async (page: Page, name: string) => {
    const folder = process.env.SCREENSHOTS
    if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
  }

  test('shows how each does, those with problems first', async () => {
    const { page, faults, close } = await visit()
    await badgeOf(page, 'gone.example', 'down').waitFor()
    const names = await page.locator('.rows tbody a').allInnerTexts()
    expect(names).toEqual(['gone.example', 'docker.io'])
    const hub = rowOf(page, 'docker.io')
    await expect.poll(() => hub.innerText()).toMatch(/OK.*of 100/s)
    await expect
      .poll(() => hub.locator('.strip').getAttribute('aria-label'))
      .toContain('with failures in 1')
    await expectAccessible(page)
    await shoot(page, 'upstreams')
    expect(faults).toEqual([])
    await close()
  })

  test('of one it shows what went wrong, what is left of its limit, and how soon it answered', async () => {
    const { page, faults, close } = await visit()
    await page.getByRole('link', { name: 'docker.io', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'docker.io' }).waitFor()
    await page.getByText('docker.io answered 503').waitFor()
    // What an upstream says of itself is text, whatever it looks like.
    await page.getByText('sent "<b id=bold>x</b>"-encoded content').waitFor()
    expect(await page.locator('#bold').count()).toBe(0)
    await page.getByRole('heading', { name: `Time to the first byte of ${upstream.url}` }).waitFor()
    await page.getByRole('heading', { name: 'Pulls left for account 1' }).waitFor()
    const text = await textOf(page)
    expect(text).toMatch(/of 100 in 6\.0 h/)
    expect(text).toContain('0 of 1 are past their time')
    expect(text).toContain('Asked without a login.')
    expect(text).toContain('An admin can test it step by step.')
    await expectAccessible(page)
    await shoot(page, 'upstream')
    await page.getByText('7 days', { exact: true }).click()
    await expect.poll(() => page.url()).toContain('range=7d')
    await page.getByText('docker.io answered 503').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  test('a test shows each step, and where it ends', async () => {
    const { page, close } = await visitAsAdmin('/docker.io')
    await page.getByRole('button', { name: 'Test now' }).click()
    const steps = page.locator('.test-steps')
    await steps.waitFor()
    expect(await steps.locator('tbody tr').count()).toBe(4)
    expect(await steps.innerText()).toContain('it is a registry (200)')
    await shoot(page, 'upstream-test')
    await page.getByRole('link', { name: 'All upstreams' }).click()
    await page.getByRole('link', { name: 'gone.example' }).click()
    await page.getByRole('button', { name: 'Test now' }).click()
    await page.locator('.test-steps').getByText('it refuses connections').waitFor()
    expect(await page.locator('.test-steps tbody tr').count()).toBe(2)
    await close()
  })

  test('the offline switch says what it does before it does it, and pulls obey it', async () => {
    const { page, close } = await visitAsAdmin()
    await page.getByRole('button', { name: 'Go offline…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Go offline' })
    await dialog.getByText('No upstream is asked any more').waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect((await ask('docker.io/library/two/manifests/1')).status).toBe(200)

    await page.getByRole('button', { name: 'Go offline…' }).click()
    await dialog.getByRole('button', { name: 'Go offline' }).click()
    await page.getByText('No upstream is asked. What is kept is served').waitFor()
    expect((await ask('docker.io/library/one/manifests/1')).status).toBe(200)
    expect((await ask('docker.io/library/other/manifests/1')).status).toBe(404)
    await badgeOf(page, 'docker.io', 'offline').waitFor()

    await page.getByRole('button', { name: 'Go online…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Go online' }).click()
    await badgeOf(page, 'docker.io', 'OK').waitFor()
    await close()
  })

  test('who is no admin is offered neither test nor switch', async () => {
    const { page, close } = await visit()
    await page.getByText('An admin can switch that.').waitFor()
    expect(await page.getByRole('button', { name: /offline|online/ }).count()).toBe(0)
    await close()
  })

  test.each(['', '/docker.io'])('fits on a phone: upstreams%s', async (path) => {
    const { page, close } = await visit(path, { width: 390, height: 844 })
    await page.locator('.strip, .chart').first().waitFor({ state: 'attached' })
    const overhang = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overhang).toBeLessThanOrEqual(0)
    if (path !== '') await expectAccessible(page)
    await shoot(page, `phone${path.replace('/', '-')}`)
    await close()
  })

  test('one that isn’t there says so', async () => {
    const { page, close } = await visit('/nowhere.example')
    await page.getByText('nowhere.example isn’t among the upstreams.').waitFor()
    await close()
  })
})
