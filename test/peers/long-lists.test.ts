import { beforeAll, expect, test } from 'vitest'
import { seedHosted } from '../../bench/listings/seed-hosted.ts'
import { runToSuccess } from '../support/lab/background-process.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { makePrivateHome } from '../support/lab/private-home.ts'
import { startServer } from '../support/start-server.ts'

// More tags than are listed at once.
const seed = { repositories: 1, tagsEach: 10_050, readable: 0, referrers: 0 }

describePeers('lists of what is hosted', ['skopeo', 'podman'], (lab) => {
  let name: string
  let env: Record<string, string>

  beforeAll(async () => {
    const folder = lab.path('lists')
    await (await startServer(folder, { offline: true })).stop()
    await seedHosted(`${folder}/data`, seed)
    const server = await startServer(folder, { offline: true })
    lab.onClose(server.stop)
    name = `127.0.0.1:${server.port}/team-00000/app`
    env = await makePrivateHome(lab.path('home'))
  })

  test('skopeo lists every tag, over several pages', async () => {
    const command = ['skopeo', 'list-tags', '--tls-verify=false', `docker://${name}`]
    const { Tags: tags } = JSON.parse(await runToSuccess(command, { env }))
    expect(new Set(tags).size).toBe(seed.tagsEach)
    expect(tags).toHaveLength(seed.tagsEach)
  })

  test('podman does too, and finds the repository in the catalog', async () => {
    const search = ['podman', 'search', '--tls-verify=false', '--format', 'json']
    const listing = [...search, '--list-tags', '--limit', '20000', name]
    const [listed] = JSON.parse(await runToSuccess(listing, { env }))
    expect(listed.Tags).toHaveLength(seed.tagsEach)
    const host = name.replace('/team-00000/app', '')
    const found = JSON.parse(await runToSuccess([...search, `${host}/team`], { env }))
    expect(found).toMatchObject([{ Name: name }])
  })
})
