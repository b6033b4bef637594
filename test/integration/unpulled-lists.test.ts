import { expect, onTestFinished, test } from 'vitest'
import type { Digest } from '../../src/oci/digest.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import type { UpstreamName } from '../../src/oci/upstream-name.ts'
import { openStores } from '../../src/store/open-stores.ts'
import { digestOf, smallImage } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { startMirrored } from '../support/start-mirrored.ts'

const sourceOf = (name: string) => ({
  upstream: 'docker.io' as UpstreamName,
  repository: parseRepository(name),
})

const openMetadata = async (data: string) => {
  const silent = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }
  const stores = await openStores(data, silent)
  onTestFinished(() => stores.close())
  return stores.metadata
}

test('questions about what nobody has pulled leave nothing in the database', async () => {
  const { upstream, server } = await startMirrored()
  const [pulled, asked] = [upstream.repository('team/pulled'), upstream.repository('team/asked')]
  const image = await pulled.addImage('1', smallImage('a'))
  await asked.addImage('1', smallImage('a'))
  const digest = image.descriptor.digest as Digest
  const unknown = digestOf(Buffer.from('no image')) as Digest
  await ask(server, '/v2/team/pulled/manifests/1')
  for (const name of ['team/pulled', 'team/asked']) {
    expect((await ask(server, `/v2/${name}/tags/list`)).status).toBe(200)
    for (const subject of [digest, unknown])
      expect((await ask(server, `/v2/${name}/referrers/${subject}`)).status).toBe(200)
  }
  const again = await ask(server, '/v2/team/asked/tags/list')
  expect(again.headers['x-entrepot-cache']).toBe('hit')
  await server.stop()

  const metadata = await openMetadata(server.data)
  const [kept, other] = [sourceOf('team/pulled'), sourceOf('team/asked')]
  expect((await metadata.findTagList(kept))?.entries).toEqual(['1'])
  expect((await metadata.findReferrers(kept, digest))?.entries).toEqual([])
  expect(await metadata.findReferrers(kept, unknown)).toBeUndefined()
  expect(await metadata.findTagList(other)).toBeUndefined()
  expect(await metadata.findReferrers(other, digest)).toBeUndefined()
})
