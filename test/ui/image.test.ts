import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { hashPassword } from '../../src/access/password-hash.ts'
import type { ImageAnswer } from '../../src/answers/image.ts'
import { ociManifest } from '../../src/oci/media-type.ts'
import { digestOf, type ImageRecipe, threePlatforms } from '../support/image-builder.ts'
import { programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { writeImageArchive } from '../support/lab/image-layout.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { pushIndex } from '../support/lab/push-image.ts'
import { startRegistry } from '../support/lab/registry.ts'
import type { Skopeo } from '../support/lab/skopeo.ts'
import { putManifest, uploadBlob } from '../support/push-image.ts'
import type { Entrepot } from '../support/start-entrepot.ts'
import { openUi, startBrowser } from '../support/ui/browser.ts'
import { expectAccessible } from '../support/ui/expect-accessible.ts'

const mirrored = 'docker.io/team/three'
const password = 'all-powerful'
const evil = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'
const rules = [{ who: 'root', repositories: '**', may: ['pull', 'push', 'delete', 'admin'] }]

const withBase = (seed: string): ImageRecipe => ({
  seed,
  layerSizes: [40_000, 8_000],
  layerSeeds: ['base', seed],
})

/** With markup wherever people can write something. */
const pushHostile = async (server: Entrepot, repository: string) => {
  const layer = Buffer.from('a layer')
  const config = Buffer.from(
    JSON.stringify({
      os: evil,
      architecture: 'amd64',
      config: { Env: [`A=${evil}`], Labels: { [evil]: evil }, Cmd: [evil], User: evil },
      history: [{ created_by: evil, comment: evil }],
    }),
  )
  const describe = (mediaType: string, bytes: Buffer) => {
    return { mediaType, digest: digestOf(bytes), size: bytes.length }
  }
  for (const bytes of [layer, config])
    await uploadBlob(server, repository, { digest: digestOf(bytes), bytes })
  const manifest = {
    schemaVersion: 2,
    mediaType: ociManifest,
    config: describe('application/vnd.oci.image.config.v1+json', config),
    layers: [describe('application/vnd.oci.image.layer.v1.tar', layer)],
    annotations: { [evil]: evil, 'org.opencontainers.image.description': evil },
  }
  const put = (reference: string, document: object) => {
    const bytes = Buffer.from(JSON.stringify(document))
    return putManifest(server, repository, { reference, mediaType: ociManifest, bytes })
  }
  expect((await put('1', manifest)).status).toBe(201)
  const subject = describe(ociManifest, Buffer.from(JSON.stringify(manifest)))
  expect((await put('sig', { ...manifest, subject, artifactType: evil })).status).toBe(201)
}

describePeers('an image’s page', [...programsOf(['skopeo']), 'chromium'], (lab) => {
  let browser: Browser
  let mirror: Entrepot
  let skopeo: Skopeo

  const push = async (name: string, recipe: ImageRecipe) => {
    const archive = await writeImageArchive(lab.path(name.replaceAll(/[/:]/g, '-')), recipe)
    await skopeo.push(archive, `127.0.0.1:${mirror.port}/${name}`)
  }

  beforeAll(async () => {
    const upstream = await startRegistry(lab)
    await pushIndex({ url: upstream.url, repository: 'team/three' }, '1', {
      ...withBase('three'),
      platforms: threePlatforms,
    })
    const access = { anonymous: 'push', rules }
    const data = join(lab.path('entrepot'), 'data')
    await mkdir(data, { recursive: true })
    await writeFile(join(data, 'htpasswd'), `root:${await hashPassword(password)}\n`)
    const settings = { url: upstream.url, prefetch: false }
    mirror = await startMirror(lab, settings, { config: { access } })
    skopeo = (await startClients(lab, mirror.port, ['skopeo'])).skopeo
    await skopeo.pull(`${mirrored}:1`)
    await push('team/app:1', withBase('one'))
    await push('team/app:2', withBase('two'))
    browser = await startBrowser(lab)
  })

  const look = async (name: string): Promise<ImageAnswer | undefined> => {
    const url = `${mirror.url}/api/v1/image?name=${encodeURIComponent(name)}`
    const response = await fetch(url)
    return response.ok ? ((await response.json()) as ImageAnswer) : undefined
  }
  const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click()
  const panel = (page: Page) => page.getByRole('tabpanel')
  const login = { user: 'root', password }
  /** Opens an action's dialog, waits until it has said what it would do, and does it. */
  const act = async (page: Page, action: string, { word = action, says = /./ } = {}) => {
    await page.getByRole('button', { name: action, exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(says).first().waitFor()
    await dialog.getByRole('button', { name: word, exact: true }).click()
    return dialog
  }
  const close = async (page: Page) => {
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }

  test('tells all there is to a mirrored image', async () => {
    const {
      page,
      faults,
      close: leave,
    } = await openUi(browser, mirror.url, `#/image/${mirrored}:1`)
    await page.getByRole('heading', { level: 1, name: `${mirrored}:1` }).waitFor()
    const host = mirror.url.slice('http://'.length)
    await page.getByText(`docker pull ${host}/${mirrored}:1`).waitFor()
    await page.getByText('crane', { exact: true }).click()
    await page.getByText(`crane pull --insecure ${host}/${mirrored}:1 image.tar`).waitFor()
    await panel(page).getByText('All of it is here.').waitFor()
    expect(await panel(page).getByRole('row').count()).toBe(3)
    // The base is in both images that were pushed, and in no platform but this one that is known.
    await panel(page).getByText('2 images').click()
    await panel(page).getByRole('link', { name: 'team/app:1' }).waitFor()
    await page.getByText('Pinning, fetching, evicting and copying are for admins.').waitFor()
    expect(await page.getByRole('button', { name: 'Evict' }).count()).toBe(0)
    await expectAccessible(page)

    await tab(page, 'Configuration')
    await panel(page).getByRole('rowheader', { name: 'seed' }).waitFor()
    await tab(page, 'History')
    await panel(page).getByText('layer 1').waitFor()
    await tab(page, 'Platforms')
    await panel(page).getByText('all of it').waitFor()
    expect(await panel(page).getByText('not here').count()).toBe(2)
    await page.getByRole('button', { name: 'Show linux/arm64' }).click()
    await tab(page, 'Layers')
    await panel(page).getByText('linux/arm64 isn’t here yet.').waitFor()
    await tab(page, 'Attached')
    await panel(page).getByText('Nothing is attached to it.').waitFor()
    await tab(page, 'Raw')
    await panel(page).getByText('"schemaVersion": 2').waitFor()
    expect(page.url()).toContain('tab=raw')
    expect(faults).toEqual([])
    await leave()
  })

  test('fits on a phone, and a link opens it as it was', async () => {
    const path = `#/image/${mirrored}:1?tab=config`
    const { page, close: leave } = await openUi(browser, mirror.url, path, { width: 390 })
    await panel(page).getByText('Working directory').waitFor()
    for (const name of ['Configuration', 'Layers', 'Platforms', 'Raw']) {
      await tab(page, name)
      const overhang = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      expect(await page.evaluate(overhang), name).toBeLessThanOrEqual(0)
    }
    await leave()
  })

  test('an admin fetches it whole, pins it, unpins it, copies it and evicts it', async () => {
    const {
      page,
      faults,
      close: leave,
    } = await openUi(browser, mirror.url, `#/image/${mirrored}:1`, {
      login,
    })
    const fetching = await act(page, 'Fetch all of it', {
      word: 'Fetch',
      says: /2 manifests first/,
    })
    await fetching.getByText('All of it is here now.').waitFor()
    await close(page)
    for (const { keptSize, imageSize } of (await look(`${mirrored}:1`))?.manifests ?? [])
      expect(keptSize).toBe(imageSize)

    const pinning = await act(page, 'Pin', { says: /never evicted from now on/ })
    await pinning.getByText('Pinned: it isn’t evicted').waitFor()
    await expectAccessible(page)
    await close(page)
    expect((await look(`${mirrored}:1`))?.pinnedBy).toBe(`${mirrored}:1`)
    await act(page, 'Unpin', { says: /It may be evicted again/ })
    await page.getByText('Unpinned: it may be evicted').waitFor()
    await close(page)
    expect((await look(`${mirrored}:1`))?.pinnedBy).toBeUndefined()

    await act(page, 'Copy', { says: /will have 4 images/ })
    await page.getByText('mine/team/three:1 is here.').waitFor()
    await close(page)
    expect((await look('mine/team/three:1'))?.hosted).toBe(true)

    await act(page, 'Evict', { says: /become free/ })
    await page.getByText('became free.').waitFor()
    await close(page)
    expect(await look(`${mirrored}:1`)).toBeUndefined()
    expect(faults).toEqual([])
    await leave()
  })

  test('a pushed image is tagged, and deleted tag by tag', async () => {
    const { page, faults, close: leave } = await openUi(browser, mirror.url, '#/image/team/app:1')
    await page.getByRole('button', { name: 'Add a tag' }).click()
    await page.getByRole('textbox', { name: 'Tag' }).fill('2')
    await page.getByText('team/app:2 moves').waitFor()
    await page.getByRole('textbox', { name: 'Tag' }).fill('stable')
    await page.getByText('team/app:stable is new').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Add the tag' }).click()
    await page.getByText('team/app:stable is this image now.').waitFor()
    await close(page)
    expect((await look('team/app:1'))?.tags).toEqual(['1', 'stable'])
    expect(await skopeo.pull(`127.0.0.1:${mirror.port}/team/app:stable`)).toMatch(/^sha256:/)

    await page.getByRole('link', { name: 'stable' }).waitFor()
    await act(page, 'Delete', { says: /its tags stable keep it/ })
    await page.getByText('Deleted: 1 tag, 0 images.').waitFor()
    await close(page)
    expect(await look('team/app:1')).toBeUndefined()
    expect((await look('team/app:stable'))?.tags).toEqual(['stable'])

    await page.goto(`${mirror.url}/ui/#/image/team/app:stable`)
    await page.getByRole('heading', { level: 1, name: 'team/app:stable' }).waitFor()
    await act(page, 'Delete', { says: /will be gone for good/ })
    await page.getByText('Deleted: 1 tag, 1 image.').waitFor()
    await close(page)
    expect(await look('team/app:stable')).toBeUndefined()
    await page.getByText('It isn’t here any more').waitFor()
    expect(faults).toEqual([])
    await leave()
  })

  test('several tags are deleted together, on the page of their repository', async () => {
    for (const tag of ['1', '2']) await push(`team/many:${tag}`, withBase(tag))
    const { page, faults, close: leave } = await openUi(browser, mirror.url, '#/images/team/many')
    for (const tag of ['1', '2']) await page.getByLabel(`Tick ${tag}`).check()
    await page.getByRole('button', { name: 'Delete (2)' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/^Together at least .* become free/).waitFor()
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await dialog.getByText('Deleted: 2 tags, 2 images.').waitFor()
    await close(page)
    await page.getByText('It has no tags.').waitFor()
    expect(await look('team/many:2')).toBeUndefined()
    expect(faults).toEqual([])
    await leave()
  })

  test('two images are compared by layers and configuration', async () => {
    await push('team/app:3', { ...withBase('three'), labels: { only: 'here' } })
    const path = '#/compare?a=team/app:2&b=team/app:3'
    const { page, faults, close: leave } = await openUi(browser, mirror.url, path)
    const layers = page.getByRole('region', { name: 'Layers' })
    await layers.getByRole('cell', { name: 'in both' }).waitFor()
    expect(await layers.getByRole('row').count()).toBe(4)
    const config = page.getByRole('region', { name: 'Configuration' })
    expect(await config.innerText()).toMatch(/added[\s\S]*only[\s\S]*here/)
    await expectAccessible(page)
    await page.getByRole('combobox', { name: 'To' }).fill('team/app:2')
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByText('They are the same image, byte for byte.').waitFor()
    await page.getByRole('combobox', { name: 'To' }).fill('team/none:1')
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByText('nothing of').waitFor()
    expect(faults).toEqual([])
    await leave()
  })

  test('markup in it is text', async () => {
    await pushHostile(mirror, 'team/evil')
    const { page, faults, close: leave } = await openUi(browser, mirror.url, '#/image/team/evil:1')
    await panel(page).getByText(evil).first().waitFor()
    await tab(page, 'Configuration')
    expect(await panel(page).getByText(evil).count()).toBeGreaterThanOrEqual(6)
    await tab(page, 'History')
    await panel(page).getByText(evil).first().waitFor()
    await tab(page, 'Attached')
    await panel(page).getByText(evil).waitFor()
    await tab(page, 'Raw')
    await panel(page).getByText('onerror').first().waitFor()
    await page.goto(`${mirror.url}/ui/#/compare?a=team/evil:1&b=team/app:2`)
    await page.getByRole('region', { name: 'Configuration' }).getByText(evil).first().waitFor()
    await page.goto(`${mirror.url}/ui/#/image/${encodeURIComponent(evil)}:1`)
    await page.getByRole('heading', { level: 1 }).getByText(evil).waitFor()
    await page.locator('.fault').waitFor()
    expect(await page.evaluate('window.pwned')).toBeUndefined()
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(faults).toEqual([])
    await leave()
  })
})
