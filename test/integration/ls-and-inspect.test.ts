import { expect, onTestFinished, test } from 'vitest'
import { seedHosted } from '../../bench/listings/seed-hosted.ts'
import { smallImage, threePlatforms } from '../support/image-builder.ts'
import { findFreePort } from '../support/lab/free-port.ts'
import { pushImage, pushIndex } from '../support/lab/push-image.ts'
import { runCommand, writeMirrors } from '../support/run-command.ts'
import { makeFolder, startMirrored, startServerForTest } from '../support/start-mirrored.ts'
import { type StartedServer, startServer } from '../support/start-server.ts'

const description = 'an app,\nwhich says \u001b[31mmuch'
const recipe = {
  ...smallImage('a'),
  labels: { 'org.opencontainers.image.description': description },
}

const startHosting = async () => {
  const { server, upstream } = await startMirrored({}, { access: { anonymous: 'push' } })
  const url = `http://127.0.0.1:${server.port}`
  const toHosted = (repository: string) => ({ url, repository })
  const run = (...args: string[]) => runCommand(...args, '--server', url)
  return { server, upstream, toHosted, run }
}

test('ls lists repositories, aligned, and the tags of one with what they say of themselves', async () => {
  const { toHosted, run } = await startHosting()
  await pushImage(toHosted('team/app'), '1', recipe)
  await pushImage(toHosted('a'), 'latest', smallImage('b'))

  const all = await run('ls')
  expect(all).toMatchObject({ code: 0, stderr: '' })
  expect(all.stdout).toMatch(
    /^REPOSITORY {2}KIND {4}TAGS {2}SIZE {5}LAST PULL\na {11}hosted {2}1 {5}5\.\d KiB {2}never\nteam\/app {4}hosted {2}1 {5}5\.\d KiB {2}never\n$/,
  )

  const one = await run('ls', 'team/app')
  expect(one).toMatchObject({ code: 0, stderr: '' })
  const [head, row, ...rest] = one.stdout.split('\n')
  expect(head).toMatch(/^REPOSITORY {2}TAG {2}CREATED +SIZE +LAST PULL {2}PINNED {2}DESCRIPTION$/)
  expect(row).toMatch(
    /^team\/app {4}1 {4}\d+ years ago +\d\.\d KiB {2}never {14}an app, which says \[31mmuch$/,
  )
  expect(rest).toEqual([''])
})

test('with --json it is one document, with sizes in bytes and times as ISO 8601 has them', async () => {
  const { toHosted, run } = await startHosting()
  const { descriptor } = await pushImage(toHosted('team/app'), '1', recipe)

  const all = JSON.parse((await run('ls', '--json')).stdout)
  const one = JSON.parse((await run('ls', 'team/app', '--json')).stdout)
  const image = JSON.parse((await run('inspect', 'team/app:1', '--json')).stdout)

  const size = expect.any(Number)
  const app = { name: 'team/app', hosted: true, tags: 1, size, ownSize: size, pulls: 0 }
  const newest = expect.stringMatching(/^20..-.*Z$/)
  expect(all).toEqual({ repositories: [{ ...app, newest }] })
  const { digest, mediaType } = descriptor
  const created = '2024-01-01T00:00:00.000Z'
  const facts = { digest, mediaType, created, size, description }
  const listed = { stored: newest, ownSize: size, sharedSize: 0, platforms: ['linux/amd64'] }
  const pulls = { pulls: 0, pullsByDay: Array(30).fill(0) }
  const images = [{ tag: '1', ...facts, ...listed, ...pulls }]
  expect(one).toEqual({ repository: 'team/app', hosted: true, images, total: 1 })
  expect(image).toMatchObject({ ...facts, config: { cmd: ['/layer-0.bin'] } })
})

test('ls reads a long list to its end', async () => {
  const folder = await makeFolder()
  await (await startServer(folder, {})).stop()
  const seed = { repositories: 1_203, tagsEach: 1, readable: 0, referrers: 0 }
  const { repositories } = await seedHosted(`${folder}/data`, seed)
  const { port } = await startServerForTest(folder, {})

  const { stdout } = await runCommand('ls', '--server', `127.0.0.1:${port}`)

  const [, ...names] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[0])
  expect(names).toEqual(repositories)
})

test('inspect tells what an image and an index consist of', async () => {
  const { toHosted, run } = await startHosting()
  const image = await pushImage(toHosted('team/app'), '1', recipe)
  const index = await pushIndex(toHosted('team/multi'), '2', {
    ...recipe,
    platforms: threePlatforms,
  })

  const one = await run('inspect', 'team/app:1')
  expect(one).toMatchObject({ code: 0, stderr: '' })
  expect(one.stdout).toContain(`team/app@${image.descriptor.digest}\n  Kind         hosted\n`)
  expect(one.stdout).toContain('\n  Tags         1\n')
  expect(one.stdout).toContain(`\nConfig\n  Digest    ${image.config.digest}\n`)
  expect(one.stdout).toContain('Cmd       ["/layer-0.bin"]')
  expect(one.stdout).toMatch(
    new RegExp(`\n  ${image.layers[0]?.digest}  \\S+ KiB  yes   application/`),
  )
  expect(one.stdout).not.toContain('\u001b')
  expect(one.stdout).not.toContain('Platforms')

  const several = (await run('inspect', 'team/multi:2')).stdout
  for (const [position, { descriptor }] of index.images.entries()) {
    const { os, architecture } = threePlatforms[position] ?? {}
    expect(several).toMatch(
      new RegExp(`${os}/${architecture}\\S* +${descriptor.digest} +\\d+ B +yes`),
    )
  }
  expect(several).toContain(`\nConfig of linux/amd64\n`)
})

test('what is not there ends with 1, and says so', async () => {
  const { run } = await startHosting()
  for (const [args, says] of [
    [['ls', 'team/none'], 'nothing of docker.io/team/none is kept here'],
    [['inspect', 'team/none:1'], 'nothing of docker.io/team/none is kept here'],
    [['inspect', 'team/none:-'], 'not a tag'],
  ] as const) {
    const ended = await run(...args)
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(says) })
  }
  expect(await run('ls')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^REPOSITORY/) })
})

test('a server that is not there ends with 1, and wrong usage with 2', async () => {
  const config = await writeMirrors({ listen: `127.0.0.1:${await findFreePort()}` })
  const ended = await runCommand('ls', '--config', config)
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toMatch(
    /^the server at http:\/\/127\S+ can't be reached: .* Is it running\?/,
  )
  expect((await runCommand('inspect')).code).toBe(2)
  expect((await runCommand('ls', '--server', 'ftp://x')).code).toBe(2)
})

const startOnOwnPort = async (): Promise<{ server: StartedServer; config: string }> => {
  const server = await startServer(await makeFolder(), {})
  onTestFinished(() => server.stop())
  return { server, config: await writeMirrors({ listen: `0.0.0.0:${server.port}` }) }
}

test('without --server it is the one that the configuration describes', async () => {
  const { config } = await startOnOwnPort()
  expect((await runCommand('ls', '--config', config)).code).toBe(0)
})
