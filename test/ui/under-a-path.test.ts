import { expect, test } from 'vitest'
import { makeCertificates } from '../support/lab/certificates.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { startNginxBefore } from '../support/lab/nginx.ts'
import { openUi, startBrowser } from '../support/ui/browser.ts'

describePeers('behind nginx, under a path and by HTTPS', ['chromium', 'nginx'], (lab) => {
  test('pages open, ask and are told what happens by that path', async () => {
    const mirror = await startMirror(lab, {}, { config: { trustedProxies: ['127.0.0.1'] } })
    const certificates = await makeCertificates(lab.path('tls'))
    const nginx = await startNginxBefore(lab, mirror, certificates)
    const url = `https://127.0.0.1:${nginx.port}/registry`
    const { page, faults } = await openUi(await startBrowser(lab), url)
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await page.locator('.rail').getByText('live').waitFor()
    await page.getByRole('link', { name: 'Images' }).click()
    await page.getByRole('heading', { level: 1, name: 'Images' }).waitFor()
    expect(page.url()).toBe(`${url}/ui/#/images`)
    await page.goto(`${url}/`)
    expect(page.url()).toBe(`${url}/ui/`)
    expect(faults).toEqual([])
  })
})
