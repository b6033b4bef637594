import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { hashPassword } from '../../src/access/password-hash.ts'
import { restoreBackup } from '../../src/backup/restore-backup.ts'
import type { BuiltImage } from '../support/image-builder.ts'
import { runToSuccess } from '../support/lab/background-process.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { startRegistry } from '../support/lab/registry.ts'
import type { Entrepot } from '../support/start-entrepot.ts'
import { openUi, startBrowser, type UiPage } from '../support/ui/browser.ts'
import { expectAccessible } from '../support/ui/expect-accessible.ts'

const repositories = ['team/old', 'team/app', 'team/held'] as const
const ana = { user: 'ana', password: 'correct horse battery' }

describePeers('the page of space', ['chromium', 'skopeo'], (lab) => {
  let browser: Browser
  let server: Entrepot
  let admin: UiPage
  const images = new Map<string, BuiltImage>()
  const data = () => join(lab.path('entrepot'), 'data')
  const backups = () => lab.path('backups')

  beforeAll(async () => {
    const registry = await startRegistry(lab)
    for (const [place, repository] of repositories.entries()) {
      const recipe = { seed: repository, layerSizes: [300_000 * (place + 1)] }
      const target = { url: registry.url, repository }
      images.set(repository, await pushImage(target, '1', recipe))
    }
    await mkdir(data(), { recursive: true })
    await mkdir(backups(), { recursive: true })
    await writeFile(join(data(), 'htpasswd'), `${ana.user}:${await hashPassword(ana.password)}\n`)
    const access = {
      anonymous: 'push',
      rules: [{ who: 'ana', repositories: '**', may: ['admin'] }],
    }
    const config = { access, space: { minAge: '0s' }, backups: backups() }
    server = await startMirror(lab, { url: registry.url }, { config })
    for (const repository of repositories) await pull(`docker.io/${repository}:1`)
    const target = { url: server.url, repository: 'team/own' }
    images.set('team/own', await pushImage(target, '1', { seed: 'own', layerSizes: [200_000] }))
    browser = await startBrowser(lab)
    admin = await openUi(browser, server.url, '#/space')
    const { page } = admin
    await page.getByRole('button', { name: 'Sign in' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Sign in' })
    await dialog.getByLabel('User').fill(ana.user)
    await dialog.getByLabel('Password').fill(ana.password)
    await dialog.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('ana (admin)').waitFor()
  })

  const pull = (image: string) =>
    runToSuccess([
      'skopeo',
      '--insecure-policy',
      'copy',
      '--src-tls-verify=false',
      `docker://127.0.0.1:${server.port}/${image}`,
      `dir:${lab.path('pulled')}`,
    ])

  /** Opens one of the page's parts, for somebody who may do everything there. */
  const open = async (part: string): Promise<Page> => {
    const { page } = admin
    await page.getByRole('tab', { name: part }).click()
    return page
  }

  const cardOf = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

  test('shows what the disk holds, and which repositories take the room', async () => {
    const { page, faults, close } = await openUi(browser, server.url, '#/space')
    const disk = cardOf(page, 'The disk')
    await disk.getByText('Mirrored, may go').waitFor()
    const treemap = page.getByRole('list', { name: 'Repositories by the bytes' })
    await treemap.getByRole('link', { name: 'docker.io/team/held' }).focus()
    expect(await treemap.getByRole('link').count()).toBe(4)
    await expectAccessible(page)
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/images\/docker\.io\/team\/held$/)
    expect(faults).toEqual([])
    await close()
  })

  test('who isn’t an admin is offered nothing that only one may do', async () => {
    const { page, close } = await openUi(browser, server.url, '#/space?view=goes')
    await page.getByText('Who administers the server can make room by hand.').waitFor()
    expect(await page.getByRole('button', { name: 'Make room' }).count()).toBe(0)
    for (const name of ['Verification', 'Backups']) {
      await page.getByRole('tab', { name }).click()
      await page.getByText(/Only who administers this server/).waitFor()
    }
    await close()
  })

  test('a pin keeps an image; what goes is shown first, goes, and is in the history', async () => {
    const page = await open('Pins')
    await page.getByLabel('Image or pattern').fill('docker.io/team/held:*')
    await page.getByRole('button', { name: 'Pin', exact: true }).click()
    await page.getByText('docker.io/team/held:* is pinned: it is never evicted.').waitFor()

    await page.getByRole('tab', { name: 'What goes' }).click()
    const next = cardOf(page, 'What would go next')
    await next.getByText('docker.io/team/old').waitFor()
    expect(await next.getByText('docker.io/team/held').count()).toBe(0)
    await page.getByRole('button', { name: 'Make room' }).click()
    const dialog = page.getByRole('dialog', { name: 'Make room' })
    await dialog.getByLabel('Down to').fill('0')
    await dialog.getByRole('button', { name: 'Show what would go' }).click()
    await dialog.getByText('2 images would go').waitFor()
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Evict 2 images' }).click()
    await dialog.getByText('2 images went').waitFor()
    await dialog.getByRole('button', { name: 'Done' }).click()
    const went = cardOf(page, 'What went')
    await went.getByText('docker.io/team/app').waitFor()
    expect(await went.getByRole('row').count()).toBe(3)

    await page.getByRole('tab', { name: 'Pins' }).click()
    await page.getByRole('button', { name: 'Unpin docker.io/team/held:*' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Unpin' }).click()
    await page.getByText('Nothing is pinned.').waitFor()
    expect(admin.faults).toEqual([])
  })

  test('a verification finds a blob that was damaged, and one with repair heals it', async () => {
    const digest = images.get('team/held')?.layers[0]?.digest ?? ''
    await writeFile(join(data(), 'blobs', digest.replace(':', '/')), 'wrong')
    const page = await open('Verification')
    const verify = async (button: string) => {
      await page.getByRole('button', { name: 'Verify…' }).click()
      const dialog = page.getByRole('dialog', { name: 'Verify all that is kept' })
      if (button !== 'Verify') await dialog.getByLabel('Put right what is wrong').check()
      await dialog.getByRole('button', { name: button, exact: true }).click()
      await dialog.waitFor({ state: 'detached' })
    }
    await verify('Verify')
    await cardOf(page, 'Verification').getByText('1 left wrong').waitFor()
    const findings = cardOf(page, 'What was wrong')
    await findings.getByText('docker.io/team/held:1').waitFor()
    await verify('Verify and put right')
    await findings.getByText('fetched again from docker.io/team/held').waitFor()
    await cardOf(page, 'Verification').getByText('all put right').waitFor()
    await expectAccessible(page)
    expect(admin.faults).toEqual([])
  })

  test('a backup is made, and can be restored', async () => {
    const page = await open('Backups')
    await page.getByText('There are no backups there.').waitFor()
    await page.getByRole('button', { name: 'Make a backup…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Make a backup' })
    await dialog.getByLabel('Name of its folder').fill('nightly')
    await dialog.getByRole('button', { name: 'Make the backup' }).click()
    await page.getByText(/The backup nightly was made/).waitFor()
    await page.getByRole('row', { name: /nightly.*whole/ }).waitFor()
    await expectAccessible(page)
    expect(admin.faults).toEqual([])
    const options = {
      from: join(backups(), 'nightly'),
      data: lab.path('restored'),
      isForced: false,
    }
    const ignore = () => {}
    const silent = { now: Date.now, onProgress: ignore, onProblem: ignore }
    const { blobs } = await restoreBackup({ ...options, ...silent })
    expect(blobs).toBeGreaterThanOrEqual(3)
  })

  test('each part fits on a phone', async () => {
    const options = { width: 390, height: 844 }
    const { page, close } = await openUi(browser, server.url, '#/space', options)
    for (const name of ['What is kept', 'What goes', 'Pins', 'Verification', 'Backups']) {
      await page.getByRole('tab', { name }).click()
      await expect.poll(() => page.locator('.waiting').count()).toBe(0)
      const overhang = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      expect(await page.evaluate(overhang), name).toBeLessThanOrEqual(0)
    }
    await page.getByRole('tab', { name: 'Pins' }).click()
    await expectAccessible(page)
    await close()
  })
})
