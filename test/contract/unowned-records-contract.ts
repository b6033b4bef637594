import { describe, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import { ociManifest } from '../../src/oci/media-type.ts'
import { parseRepository, type Repository } from '../../src/oci/repository.ts'
import { dockerHub } from '../../src/oci/upstream-name.ts'
import type { HostedRecords } from '../../src/store/hosted-records.ts'
import type { MetadataStore } from '../../src/store/metadata-store.ts'
import type { Link, LinkKey, UnownedRecords } from '../../src/store/unowned-records.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = MetadataStore & HostedRecords & UnownedRecords

export type UnownedPlace = RecordsPlace<Store>

const app = parseRepository('team/app')
const other = parseRepository('team/other')
const named = (name: string) => digestOf(Buffer.from(name))
const [image, layer, left] = [named('image'), named('layer'), named('left')]

/** What every place of UnownedRecords promises, whatever it keeps them in. */
export function testUnownedRecords(makePlace: () => Promise<UnownedPlace>): void {
  const records = openForEach(makePlace)

  const link = (repository: Repository, digest: Digest, at: number) =>
    records.store.linkPushed(repository, [{ digest, sizeBytes: 7 }], at)

  const push = (repository: Repository, digest: Digest, children: readonly Digest[]) =>
    records.store.recordPushed(repository, {
      image: {
        digest,
        mediaType: ociManifest,
        sizeBytes: 500,
        artifactType: undefined,
        subject: undefined,
        annotations: undefined,
        children: children.map((child) => ({ mediaType: 'a/b', digest: child, sizeBytes: 7 })),
        pushedAt: 1000,
      },
      tags: [],
      needs: [],
      fixedTags: [],
    })

  const unlinkAll = async (before: number, limit = 100) => {
    const unlinked = []
    const isOld = ({ linkedAt }: Link) => linkedAt < before
    let after: LinkKey | undefined
    do {
      const page = await records.store.unlinkUnneeded({ after, limit }, isOld)
      unlinked.push(...page.unlinked)
      after = page.next
    } while (after)
    return unlinked
  }

  const listAll = async (limit = 100) => {
    const unowned: Digest[] = []
    let after: Digest | undefined
    do {
      const page = await records.store.listUnowned({ after, limit })
      unowned.push(...page.unowned)
      after = page.next
    } while (after)
    return unowned
  }

  describe('a link', () => {
    test('that no image of its repository needs is taken away once it is old', async () => {
      await link(app, layer, 1000)
      await link(app, left, 1000)
      await link(other, layer, 1000)
      await link(app, named('new'), 2000)
      await push(app, image, [layer])
      const unlinked = await unlinkAll(2000)
      expect(unlinked).toHaveLength(2)
      expect(unlinked).toContainEqual({ repository: app, digest: left, linkedAt: 1000 })
      expect(unlinked).toContainEqual({ repository: other, digest: layer, linkedAt: 1000 })
      expect(await records.store.findPushedBlob(app, layer)).toBeDefined()
      expect(await records.store.findPushedBlob(app, named('new'))).toBeDefined()
      expect(await unlinkAll(2000)).toEqual([])
    })

    test('is found among any number of others', async () => {
      for (let at = 0; at < 25; at++) await link(at % 2 === 0 ? app : other, named(`${at}`), at)
      expect(await unlinkAll(20, 3)).toHaveLength(20)
    })

    test('to what other repositories’ images name is found beside what its own do', async () => {
      for (let place = 0; place < 40; place++) {
        await push(parseRepository(`team/app${place}`), named(`image ${place}`), [layer, left])
      }
      for (const digest of [layer, left]) await link(app, digest, 1000)
      await push(app, image, [layer])
      expect(await unlinkAll(2000)).toEqual([{ repository: app, digest: left, linkedAt: 1000 }])
    })

    test('is found in a repository of many images, whatever names it elsewhere', async () => {
      const digests = Array.from({ length: 600 }, (_, place) => named(`image ${place}`)).sort()
      const [rare, often] = [named('rare'), named('often')]
      for (const digest of digests) {
        const isLast = digest === digests.at(-1)
        await push(app, digest, isLast ? [often, rare] : [often])
      }
      for (let place = 0; place < 40; place++) {
        await push(other, named(`other ${place}`), [rare, layer, often])
      }
      for (const digest of [rare, often, layer, left]) await link(app, digest, 1000)
      const unlinked = await unlinkAll(2000)
      expect(new Set(unlinked.map(({ digest }) => digest))).toEqual(new Set([layer, left]))
      expect(await unlinkAll(2000)).toEqual([])
      await records.store.removePushed(app, digests.at(-1)!)
      expect((await unlinkAll(2000)).map(({ digest }) => digest)).toEqual([rare])
    })

    test('that an image comes to need, or that is made anew, meanwhile stays', async () => {
      for (const digest of [layer, left, image]) await link(app, digest, 1000)
      // Asked between the look and what is done about it.
      const pushes: Promise<unknown>[] = []
      const mayGo = () => {
        if (pushes.length === 0)
          pushes.push(push(app, named('new'), [layer]), link(app, left, 3000))
        return true
      }
      const { unlinked } = await records.store.unlinkUnneeded({ limit: 100 }, mayGo)
      await Promise.all(pushes)
      expect(unlinked.map(({ digest }) => digest)).toEqual([image])
      expect(await records.store.findPushedBlob(app, layer)).toBeDefined()
      expect(await records.store.findPushedBlob(app, left)).toBeDefined()
    })

    test('of what was mirrored stays', async () => {
      const source = { upstream: dockerHub, repository: app }
      await records.store.linkBlob(source, layer)
      expect(await unlinkAll(2000)).toEqual([])
      expect(await records.store.isBlobLinked(source, layer)).toBe(true)
    })
  })

  describe('a blob', () => {
    test('is owned by a repository that has it, and by an image that names it or is it', async () => {
      await link(app, layer, 1000)
      await push(app, image, [left])
      await records.store.announceBlob({ digest: left, sizeBytes: 7 }, 1000)
      expect(await listAll()).toEqual([])
      expect(await records.store.forgetUnowned([layer, image, left])).toEqual([])
      await records.store.unlinkPushed(app, layer)
      expect(await listAll()).toEqual([layer])
      expect(await records.store.findUnowned([layer, image, left])).toEqual([layer])
      expect(await records.store.findUnowned([])).toEqual([])
      await records.store.removePushed(app, image)
      expect(new Set(await listAll(1))).toEqual(new Set([layer, image, left]))
    })

    test('that many manifests name is unowned once none of them is an image', async () => {
      const digests = Array.from({ length: 600 }, (_, place) => named(`image ${place}`)).sort()
      for (const digest of digests) await push(app, digest, [layer])
      await records.store.announceBlob({ digest: layer, sizeBytes: 7 }, 1000)
      for (const digest of digests.slice(0, -1)) await records.store.removePushed(app, digest)
      expect(await listAll()).not.toContain(layer)
      expect(await records.store.forgetUnowned([layer])).toEqual([])
      await records.store.removePushed(app, digests.at(-1)!)
      expect(await listAll()).toHaveLength(601)
      expect(await records.store.forgetUnowned([layer])).toEqual([{ digest: layer, sizeBytes: 7 }])
    })

    test('is forgotten with what its manifest said', async () => {
      await push(app, image, [layer])
      await records.store.removePushed(app, image)
      expect(await records.store.forgetUnowned([image])).toEqual([
        { digest: image, sizeBytes: 500 },
      ])
      expect(await records.store.findBlob(image)).toBeUndefined()
      expect(await records.store.isManifestKept(image)).toBe(false)
      expect(await records.store.forgetUnowned([image])).toEqual([])
      expect(await records.store.forgetUnowned([])).toEqual([])
    })

    test('that was mirrored is none of what was pushed', async () => {
      await records.store.recordBlob({
        digest: layer,
        sizeBytes: 7,
        upstream: dockerHub,
        firstFetchedAt: 500,
      })
      expect(await listAll()).toEqual([])
    })
  })
}
