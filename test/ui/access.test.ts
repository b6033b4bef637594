import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { hashPassword } from '../../src/access/password-hash.ts'
import { smallImage } from '../support/image-builder.ts'
import { runToSuccess } from '../support/lab/background-process.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { pushImage } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import type { Entrepot } from '../support/start-entrepot.ts'
import { openUi, type PageOptions, startBrowser } from '../support/ui/browser.ts'
import { expectAccessible } from '../support/ui/expect-accessible.ts'
import { settle } from '../support/ui/settle.ts'

const upstream = { url: 'http://127.0.0.1:9', username: 'u', password: 'hunter2-of-u' }
const rules = [
  { who: 'root', repositories: '**', may: ['pull', 'push', 'delete', 'admin'] },
  { who: 'reader', repositories: '**', may: ['pull'] },
]
const tabs = ['Users', 'Tokens', 'Rules', 'Audit', 'Configuration'] as const
const passwordOf = (name: string) => `password-of-${name}`
const basicOf = (name: string) => {
  const login = Buffer.from(`${name}:${passwordOf(name)}`).toString('base64')
  return { authorization: `Basic ${login}` }
}

/** It would be part of the page, if it were taken for more than text. */
const foreign = '<img class="foreign" src="x">'

const signIn = async (page: Page, user: string, password = passwordOf(user)) => {
  const form = page.locator('main')
  await form.getByLabel('User').fill(user)
  await form.getByLabel('Password').fill(password)
  await form.getByRole('button', { name: /^Sign in/ }).click()
}

describePeers('the access page', ['chromium', 'skopeo'], (lab) => {
  let browser: Browser
  let mirror: Entrepot

  beforeAll(async () => {
    const config = { access: { anonymous: 'none', rules }, threads: 2 }
    mirror = await startMirror(lab, upstream, { config })
    const lines = ['root', 'reader', 'locked'].map(
      async (name) => `${name}:${await hashPassword(passwordOf(name))}\n`,
    )
    await writeFile(join(mirror.data, 'htpasswd'), (await Promise.all(lines)).join(''))
    await vi.waitFor(async () => expect((await ask(mirror, '/v2/')).status).toBe(401), 5_000)
    const headers = basicOf('root')
    await pushImage(mirror, 'team/app', { tag: '1', recipe: smallImage('app'), headers })
    browser = await startBrowser(lab)
  })

  const open = (tab: string, options: PageOptions = {}) =>
    openUi(browser, mirror.url, `#/access?tab=${tab}`, options)

  const inspect = (creds: string) => {
    const image = `docker://127.0.0.1:${mirror.port}/team/app:1`
    return runToSuccess([
      'skopeo',
      'inspect',
      '--raw',
      '--tls-verify=false',
      '--creds',
      creds,
      image,
    ])
  }

  test('a stranger is asked to sign in, and comes to where he wanted', async () => {
    const { page, faults, close } = await open('configuration')
    await page.getByRole('heading', { name: 'Sign in as an admin' }).waitFor()
    await expectAccessible(page)
    await signIn(page, 'root', 'not-the-password')
    await page.getByText('The user name or the password is wrong.').waitFor()
    expect(await page.getByRole('alert').count()).toBe(1)
    await signIn(page, foreign, 'not-the-password')
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
    await signIn(page, 'root')
    await page.getByRole('tab', { name: 'Configuration', selected: true }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in as an admin' }).waitFor()
    expect(await page.getByRole('tab').count()).toBe(0)
    expect(faults).toEqual([])
    await close()
  })

  test('what somebody was shown goes when he signs out', async () => {
    for (const path of ['', '#/space']) {
      const login = { user: 'root', password: passwordOf('root') }
      const { page, close } = await openUi(browser, mirror.url, path, { login })
      await page.locator('main .card, main table').first().waitFor()
      await settle(page)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.locator('main').getByLabel('Password').waitFor()
      expect(await page.locator('main table, main .tile, main .chart').count()).toBe(0)
      await close()
    }
  })

  test('a reader is told who may, and changes his own password', async () => {
    const { page, faults, close } = await open('users')
    await signIn(page, 'reader')
    await page.getByRole('heading', { name: 'reader is no admin' }).waitFor()
    await page.getByRole('button', { name: 'Change your password' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Old password').fill('wrong')
    await dialog.getByLabel('New password').fill('another-password')
    await dialog.getByRole('button', { name: 'Change the password' }).click()
    await dialog.getByText('the old password is wrong').waitFor()
    await dialog.getByLabel('Old password').fill(passwordOf('reader'))
    await dialog.getByRole('button', { name: 'Change the password' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('heading', { name: 'reader is no admin' }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  test('an admin adds a user and makes a token, which skopeo uses until it is revoked', async () => {
    const { page, faults, close } = await open('users')
    await signIn(page, 'root')
    await page.getByRole('button', { name: 'Add a user' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('carol')
    await dialog.getByLabel('Password').fill('short')
    await dialog.getByRole('button', { name: 'Add the user' }).click()
    await dialog.getByText('at least 8 are wanted').waitFor()
    await dialog.getByLabel('Password').fill('long-enough-by-now')
    await dialog.getByRole('button', { name: 'Add the user' }).click()
    await page.getByRole('row', { name: /carol/ }).waitFor()

    await page.getByRole('tab', { name: 'Tokens' }).click()
    await page.getByText('No tokens yet.').waitFor()
    await page.getByRole('button', { name: 'Make a token' }).click()
    await dialog.getByLabel('Name').fill('ci')
    await dialog.getByLabel('In repositories').fill('team/** other/**')
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Make the token' }).click()
    const secret = await dialog.getByLabel('the token', { exact: true }).innerText()
    expect(secret).toMatch(/^entrepot_[0-9a-f]{12}_[\w-]{43}$/)
    const login = await dialog.getByLabel('the docker login command', { exact: true }).innerText()
    expect(login).toContain(`docker login 127.0.0.1:${mirror.port} --username ci`)
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'I have copied it' }).click()
    await dialog.waitFor({ state: 'detached' })
    const row = page.getByRole('row', { name: /^ci/ })
    expect(await row.innerText()).toMatch(/pull in team\/\*\*, other\/\*\*\s[\s\S]*never used/)
    expect(await page.content()).not.toContain(secret)

    expect(await inspect(`ci:${secret}`)).toContain('schemaVersion')
    await row.getByRole('button', { name: 'Revoke ci' }).click()
    await dialog.getByRole('button', { name: 'Revoke ci' }).click()
    await page.getByText('No tokens yet.').waitFor()
    await expect(inspect(`ci:${secret}`)).rejects.toThrow(/unauthorized|no such token/)

    await page.getByRole('tab', { name: 'Audit' }).click()
    await page.getByRole('cell', { name: 'revoke a token' }).waitFor()
    await page.getByRole('cell', { name: 'make a token' }).waitFor()
    await page.getByRole('cell', { name: 'add a user' }).first().waitFor()
    expect(await page.content()).not.toContain(secret)
    await page.getByRole('cell', { name: foreign }).waitFor()
    expect(await page.locator('.foreign').count()).toBe(0)
    await page.getByLabel('Repository').fill('team/app')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByRole('cell', { name: 'revoke a token' }).waitFor({ state: 'detached' })
    await page.getByRole('cell', { name: 'team/app:1' }).waitFor()
    expect(page.url()).toContain('repository=team%2Fapp')
    expect(faults).toEqual([])
    await close()
  })

  test('rules are shown and tried, and the configuration with its origins', async () => {
    const { page, faults, close } = await open('rules')
    await signIn(page, 'root')
    await page.getByLabel('May', { exact: true }).fill('reader')
    await page.getByLabel('do this').selectOption('push')
    await page.getByLabel('in the repository').fill('team/app')
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.getByText('reader may not push team/app').waitFor()
    await page.getByText('no rule under access.rules in mirrors.yaml allows it').waitFor()
    expect(page.url()).toContain('user=reader&action=push')

    await page.getByRole('tab', { name: 'Configuration' }).click()
    const password = page.getByRole('row', { name: /upstreams\["docker.io"\]\.password/ })
    expect(await password.innerText()).toMatch(/set \(secret\)\s+mirrors\.yaml, line \d+/)
    expect(await page.content()).not.toContain('hunter2')
    expect(await page.getByRole('cell', { name: 'default', exact: true }).count()).toBe(0)
    await page.getByText('With all defaults').click()
    await page.getByLabel('Search').fill('tagTtl')
    await page.getByRole('cell', { name: 'default', exact: true }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  test('every tab is accessible, and fits on a phone', async () => {
    const { page, faults, close } = await open('users')
    await signIn(page, 'root')
    for (const tab of tabs) {
      await page.getByRole('tab', { name: tab }).click()
      await page.getByRole('tab', { name: tab, selected: true }).waitFor()
      await settle(page)
      await expectAccessible(page)
      await page.setViewportSize({ width: 390, height: 844 })
      const overhang = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      expect(overhang, tab).toBeLessThanOrEqual(0)
      await page.setViewportSize({ width: 1440, height: 900 })
    }
    expect(faults).toEqual([])
    await close()
  })

  test('who has failed too often is told for how long', async () => {
    const { page, close } = await open('users')
    for (let times = 0; times < 7; times++) {
      await signIn(page, 'locked', `guess-${times}`)
      await page.getByRole('alert').waitFor()
      if (await page.getByText('Too many sign-ins have failed').isVisible()) break
    }
    await page
      .getByText(/Too many sign-ins have failed: it can be tried again after \d+ s\./)
      .waitFor()
    expect(await page.getByRole('button', { name: /^Sign in \(in \d+ s\)/ }).isDisabled()).toBe(
      true,
    )
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
    await close()
  })
})

describePeers('the access page of a server without users', ['chromium'], (lab) => {
  test('says that nobody can sign in, and how to begin', async () => {
    const mirror = await startMirror(lab, upstream)
    const browser = await startBrowser(lab)
    const { page, faults, close } = await openUi(browser, mirror.url, '#/access')
    await page.getByRole('heading', { name: 'Nobody can sign in yet' }).waitFor()
    await page.getByText('user add YOUR-NAME').first().waitFor()
    await expectAccessible(page)
    expect(faults).toEqual([])
    await close()
  })
})
