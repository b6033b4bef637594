import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type Certificates, makeCertificates } from '../support/lab/certificates.ts'
import type { Client } from '../support/lab/client.ts'
import { programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { startRegistry } from '../support/lab/registry.ts'
import { pushSample, type Sample } from '../support/lab/sample-images.ts'
import type { Entrepot } from '../support/start-entrepot.ts'
import { openUi, startBrowser } from '../support/ui/browser.ts'
import { expectAccessible } from '../support/ui/expect-accessible.ts'

/** What stands under a file's name, as it would be copied. */
const readFileOf = (page: Page, file: string): Promise<string> =>
  page.getByRole('region', { name: file }).innerText()

describePeers('the set-up page', [...programsOf(['skopeo']), 'chromium', 'openssl'], (lab) => {
  let browser: Browser
  let mirror: Entrepot
  let skopeo: Client
  let sample: Sample
  let certificates: Certificates

  const visit = async (path = '#/setup') => {
    const opened = await openUi(browser, mirror.url, path)
    await opened.page.getByRole('heading', { name: 'Does it work?' }).waitFor()
    return opened
  }

  beforeAll(async () => {
    const upstream = await startRegistry(lab)
    sample = await pushSample(upstream, 'small')
    certificates = await makeCertificates(lab.path('tls'))
    const upstreams = { 'docker.io': { url: upstream.url }, 'ghcr.io': {}, 'quay.io': {} }
    mirror = await startMirror(lab, {}, { config: { upstreams } })
    const clients = await startClients(lab, mirror.port, ['skopeo'])
    skopeo = clients.skopeo
    browser = await startBrowser(lab)
  })

  test('gives the file for what is chosen, keeps it in the link, and sees the pull by it', async () => {
    const { page, faults, close } = await visit()
    await page.getByText('Podman, CRI-O', { exact: true }).click()
    await page.getByRole('checkbox', { name: 'quay.io' }).uncheck()
    expect(page.url()).toMatch(/#\/setup\?client=podman&registries=docker\.io%2Cghcr\.io$/)
    await page.reload()
    const file = '/etc/containers/registries.conf.d/entrepot.conf'
    const text = await readFileOf(page, file)
    expect(text).not.toContain('quay.io')
    await page.getByText('Waiting for a request from you…').waitFor()

    const folder = lab.path('skopeo')
    await rm(join(folder, 'registries.conf'))
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'registries.conf'), text)
    expect(sample.digests).toContain(await skopeo.pull(sample.byTag))

    await page.getByText('It works').waitFor()
    expect(await page.locator('.live-check').innerText()).toMatch(
      /docker\.io\/library\/small:1 was pulled by 127\.0\.0\.1, from upstream/,
    )
    expect(faults).toEqual([])
    await close()
  })

  test('has steps for each client, and axe finds nothing', async () => {
    const { page, faults, close } = await visit()
    const clients = page.getByRole('group', { name: 'Client' })
    const titles = (await clients.locator('label').allInnerTexts()).map((title) => title.trim())
    expect(titles).toHaveLength(9)
    for (const title of titles) {
      await clients.getByText(title, { exact: true }).click()
      await page.getByRole('heading', { name: `${title}, on each machine that pulls` }).waitFor()
    }
    await clients.getByText('containerd', { exact: true }).click()
    await page.getByText('Nothing arrives?').click()
    await page.getByText('To undo it').click()
    await expectAccessible(page)
    expect(faults).toEqual([])
    await close()
  })

  test('another address, by keys alone, and one that is none', async () => {
    const { page, close } = await visit('#/setup?client=docker')
    expect(await page.locator('#setup-address-note').innerText()).toMatch(/server’s own machine/)
    const address = page.getByLabel('Address of this server')
    await address.fill('nas.lan:5000')
    await address.press('Tab')
    await expect.poll(() => readFileOf(page, '/etc/docker/daemon.json')).toContain('nas.lan:5000')
    await address.fill('no address')
    await address.press('Tab')
    await page.getByText('This is no address').waitFor()
    await close()
  })

  test('of HTTPS it shows the CA that its certificate’s file has', async () => {
    const cert = lab.path('with-ca.pem')
    await writeFile(cert, certificates.cert + certificates.ca)
    const tls = { cert, key: certificates.keyFile }
    const secure = await startMirror(lab, {}, { config: { tls, data: lab.path('secure') } })
    const { page, faults, close } = await openUi(browser, secure.url, '#/setup?client=containerd')
    await page.getByRole('heading', { name: 'Does it work?' }).waitFor()
    expect(await readFileOf(page, '/etc/containerd/entrepot-ca.pem')).toContain('BEGIN CERTIFICATE')
    expect(await readFileOf(page, '/etc/containerd/certs.d/_default/hosts.toml')).toMatch(
      /host."https:.*ca = "\/etc\/containerd\/entrepot-ca.pem"/s,
    )
    await page.getByText('localhost, 127.0.0.1').waitFor()
    expect(faults).toEqual([])
    await close()
  })
})
