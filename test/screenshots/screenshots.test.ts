import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { describePeers } from '../support/lab/describe-peers.ts'
import { openUi, startBrowser } from '../support/ui/browser.ts'
import { type Demo, demoUser, startDemo } from '../support/ui/demo-server.ts'
import { settle } from '../support/ui/settle.ts'

const folder = join(import.meta.dirname, '../../docs/screenshots')
const pages = {
  overview: '',
  images: '#/images',
  repository: '#/images/docker.io/library/node',
  image: '#/image/docker.io/library/node:22',
  compare: '#/compare?a=shop/api:1.4.1&b=shop/api:1.4.2',
  traffic: '#/traffic',
  space: '#/space',
  upstreams: '#/upstreams',
  setup: '#/setup',
  access: '#/access',
} as const
const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const
const quality = 0.8

describePeers('screenshots', ['chromium', 'skopeo'], (lab) => {
  let browser: Browser
  let demo: Demo

  beforeAll(async () => {
    await mkdir(folder, { recursive: true })
    demo = await startDemo(lab)
    browser = await startBrowser(lab)
  })

  /** A third of the size: the browser can do that. */
  const toWebp = async (png: Buffer): Promise<Buffer> => {
    const page = await browser.newPage()
    const found = await page.evaluate<string>(`(async () => {
      const answer = await fetch('data:image/png;base64,${png.toString('base64')}')
      const bitmap = await createImageBitmap(await answer.blob())
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
      canvas.getContext('2d').drawImage(bitmap, 0, 0)
      const blob = await canvas.convertToBlob({ type: 'image/webp', quality: ${quality} })
      return new Uint8Array(await blob.arrayBuffer()).toBase64()
    })()`)
    await page.close()
    return Buffer.from(found, 'base64')
  }

  const shown = Object.keys(pages) as (keyof typeof pages)[]

  test.each(shown)('%s', async (name) => {
    if (name === 'overview') {
      await demo.takeSlowly('docker.io/library/python:3.14')
    }
    for (const theme of ['light', 'dark'] as const) {
      for (const viewport of sizes) {
        const options = { theme, ...viewport, login: demoUser }
        const { page, faults, close } = await openUi(browser, demo.server.url, pages[name], options)
        await settle(page)
        if (name === 'overview') await demo.pull('docker.io/library/redis:8-alpine')
        // Charts are drawn after what they show is there.
        await page.waitForTimeout(300)
        const shot = await page.screenshot()
        await writeFile(join(folder, `${name}-${theme}-${viewport.width}.webp`), await toWebp(shot))
        expect(faults).toEqual([])
        await close()
      }
    }
  })
})
