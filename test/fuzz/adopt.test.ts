import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import { startAdopting } from '../unit/adopt/start-adopting.ts'
import { fuzz } from './fuzz-settings.ts'
import { mutated, mutatedJson } from './mutations.ts'
import { sampleManifests } from './sample-documents.ts'

const digest = digestOf(Buffer.from('what isn’t there'))

const damages = fc.array(
  fc.record({
    place: fc.nat({ max: 5 }),
    kind: fc.constantFrom('content', 'folder', 'link', 'nothing', 'cut'),
    content: fc.oneof(mutated([digest, `${digest}\n`]), mutatedJson(sampleManifests)),
  }),
  { minLength: 1, maxLength: 3 },
)
/** Names of folders, as whoever writes to that disk may choose them. */
const names = mutated(['team', '1', '_layers', '0'.repeat(64)])

test('whatever lies in a registry’s folder, it is taken or told of', async () => {
  const { registry, run } = await startAdopting()
  const { inside } = registry
  const image = await registry.addImage('team/app', '1')
  const tag = registry.tagOf('team/app', '1')
  const revision = registry.revisionOf('team/app', image.manifest.digest)
  const manifest = registry.contentOf(image.manifest.digest)
  const places = [join(tag, 'current', 'link'), join(revision, 'link'), manifest, tag, revision]
  const strange = fc.oneof(fc.constant(undefined), names.filter(canBeName))
  const adopting = fc.asyncProperty(damages, strange, async (all, name) => {
    for (const { place, kind, content } of all) {
      await damage(places[place] ?? inside.call(registry, 'repositories', 'x'), kind, content)
    }
    if (name !== undefined) {
      await mkdir(inside.call(registry, 'repositories', 'team', name), { recursive: true })
      await mkdir(join(dirname(tag), name, 'current'), { recursive: true }).catch(() => {})
    }
    const { counts, told } = await run({ isDryRun: true })
    expect(counts.repositories).toBeLessThanOrEqual(2)
    for (const { where, what } of told) expect(where !== '' && what !== '').toBe(true)
    await rm(registry.root, { recursive: true })
    await registry.addImage('team/app', '1')
  })
  await fuzz(adopting, { share: 0.03 })
})

function canBeName(name: string): boolean {
  return /^[^/\0]+$/.test(name) && !['.', '..'].includes(name) && Buffer.byteLength(name) <= 255
}

async function damage(path: string, kind: string, content: string): Promise<void> {
  if (kind === 'cut') return truncate(path, 5).catch(() => {})
  await rm(path, { recursive: true, force: true }).catch(() => {})
  if (kind === 'nothing') return
  // What is around it may be damaged already.
  await mkdir(dirname(path), { recursive: true }).catch(() => {})
  const put = {
    content: () => writeFile(path, content),
    folder: () => mkdir(path),
    link: () => symlink('/', path),
  }[kind]
  await put?.().catch(() => {})
}
