import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { pushImage } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { operate, runCommand, writeMirrors } from '../support/run-command.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

const start = async (others = {}) => {
  const mirrored = await startMirrored({}, { access: { anonymous: 'push' }, ...others })
  const { server } = mirrored
  const run = (...args: readonly string[]) => operate(server, ...args)
  const push = (name: string, tag: string) =>
    pushImage(server, name, { tag, recipe: smallImage(`${name}:${tag}`) })
  const statusOf = async (name: string, reference: string) =>
    (await ask(server, `/v2/${name}/manifests/${reference}`)).status
  return { ...mirrored, run, push, statusOf }
}

test('rm removes an image by tag and by digest, and a repository', async () => {
  const { run, push, statusOf, server } = await start()
  await push('team/app', '1')
  const two = await push('team/app', '2')
  await push('team/app', '3')
  const byTag = await run('rm', 'team/app:1')
  expect([byTag.code, byTag.stdout]).toEqual([0, expect.stringContaining('1 image removed')])
  const line = { msg: 'POST /api/v1/remove', repository: 'team/app', reference: '1' }
  expect(server.log).toContainEqual(expect.objectContaining(line))
  const byDigest = await run('rm', '--json', `team/app@${two.descriptor.digest}`)
  expect(JSON.parse(byDigest.stdout).removed[0]).toMatchObject({
    tags: ['2'],
    digests: [two.descriptor.digest],
  })
  expect([await statusOf('team/app', '1'), await statusOf('team/app', '2')]).toEqual([404, 404])
  expect(await statusOf('team/app', '3')).toBe(200)
  expect((await run('rm', '--repository', 'team/app')).code).toBe(0)
  expect(await statusOf('team/app', '3')).toBe(404)
})

test('rm says what is wrong', async () => {
  const { run, upstream, server } = await start()
  await upstream.repository('library/alpine').addImage('1', smallImage('a'))
  await ask(server, '/v2/docker.io/library/alpine/manifests/1')
  const bare = await run('rm', 'team/app')
  expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining('team/app:TAG')])
  const missing = await run('rm', 'team/app:1')
  const nothing = expect.stringContaining('nothing was pushed as team/app:1')
  expect([missing.code, missing.stderr]).toEqual([1, nothing])
  const mirrored = await run('rm', 'docker.io/library/alpine:1')
  expect([mirrored.code, mirrored.stderr]).toEqual([1, expect.stringContaining('mirrored')])
})

test('rm says what it removed before the image that it could not', async () => {
  const { run, push } = await start()
  const { descriptor } = await push('team/app', '1')
  const { code, stdout, stderr } = await run('rm', '--json', 'team/app:1', 'team/app:2')
  expect([code, stderr]).toEqual([1, expect.stringContaining('team/app:2')])
  const removed = [{ name: 'team/app:1', tags: ['1'], digests: [descriptor.digest] }]
  expect(JSON.parse(stdout)).toEqual({ removed })
})

test('prune says what it would remove, and removes it', async () => {
  const { run, push, statusOf, clock, server } = await start()
  for (const tag of ['1', '2', '3']) {
    await push('iac/app', tag)
    clock.advance(1000)
  }
  const rule = ['--repositories', 'iac/**', '--keep-last', '1']
  const dry = await run('prune', ...rule, '--dry-run')
  expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('2 images would be removed')])
  expect(await statusOf('iac/app', '1')).toBe(200)
  const young = await run('prune', ...rule, '--max-age', '30d')
  expect(young.stdout).toContain('0 images removed')
  const done = await run('prune', '--json', ...rule)
  expect(JSON.parse(done.stdout).removed).toHaveLength(2)
  expect(JSON.parse(done.stdout).freed.blobs).toBe(2)
  const told = server.log.map(({ msg }) => String(msg)).filter((msg) => msg.startsWith('prune '))
  expect(told.sort()).toEqual([
    'prune freed what nobody needs any more',
    'prune removed iac/app 1',
    'prune removed iac/app 2',
  ])
  expect([await statusOf('iac/app', '1'), await statusOf('iac/app', '3')]).toEqual([404, 200])
})

test('prune says what is wrong', async () => {
  const { run } = await start()
  const results = await Promise.all([
    run('prune', '--repositories', 'a'),
    run('prune', '--keep-last', 'many'),
    run('prune', '--max-age', 'long'),
    run('prune', '--keep-last', '0'),
    run('prune', '--keep-last', '1', '--tags', '['),
  ])
  expect(results.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2])
  expect(results[0]?.stderr).toContain('--keep-last')
  expect(results[4]?.stderr).toContain('--tags "["')
})

test('prune goes by the rules of mirrors.yaml, and says so where there are none', async () => {
  const { run, push, restart, settings } = await start()
  await push('team/app', '1')
  await push('team/app', '2')
  const none = await run('prune')
  const hint = expect.stringMatching(/no rules under hosted\.retention.*--keep-last/)
  expect([none.code, none.stdout]).toEqual([0, hint])
  expect((await run('prune', '--dry-run')).stdout).toEqual(hint)
  const retention = [{ repositories: 'team/**', keepLast: 1 }]
  const next = await restart({ ...settings, hosted: { retention } })
  const { stdout } = await operate(next, 'prune', '--dry-run', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ rules: 1, removed: [{ repository: 'team/app' }] })
})

test.each([
  { what: 'a dry run that is asked for otherwise', body: { dryRun: 'yes' } },
  { what: 'a field that is not known', body: { dry_run: true } },
  { what: 'a field of a rule that is not known', body: {}, rule: { keep: 2 } },
])('prune removes nothing for $what', async ({ body, rule }) => {
  const { push, server, statusOf } = await start()
  await push('team/app', '1')
  await push('team/app', '2')
  const rules = [{ repositories: ['**'], keepLast: 1, ...rule }]
  const reply = await server.post('/api/v1/prune', { rules, ...body })
  expect(reply.status).toBe(400)
  expect(await statusOf('team/app', '1')).toBe(200)
})

test('a body whose length is not told beforehand is read too', async () => {
  const { push, server, statusOf } = await start()
  await push('team/app', '1')
  const body = JSON.stringify({ image: 'team/app:1' })
  const headers = { 'transfer-encoding': 'chunked' }
  const reply = await ask(server, '/api/v1/remove', { method: 'POST', headers, body })
  expect([reply.status, await statusOf('team/app', '1')]).toEqual([200, 404])
})

test('no more of a request is read than it needs', async () => {
  const { server } = await start()
  const body = JSON.stringify({ image: 'x'.repeat(70_000) })
  const reply = await ask(server, '/api/v1/remove', { method: 'POST', body })
  expect([reply.status, JSON.parse(`${reply.body}`).error]).toEqual([413, expect.any(String)])
})

test('copy makes what is mirrored a hosted image', async () => {
  const { run, upstream, server, statusOf } = await start()
  const image = await upstream.repository('library/alpine').addImage('1', smallImage('a'))
  await ask(server, '/v2/docker.io/library/alpine/manifests/1')
  const early = await run('copy', 'docker.io/library/alpine:1', 'alpine:own')
  expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('pull it')])
  for (const { digest } of [image.config, ...image.layers])
    await pullUntilKept(server, `/v2/docker.io/library/alpine/blobs/${digest}`)
  await upstream.stop()
  const copied = await run('copy', 'docker.io/library/alpine:1', 'alpine:own')
  expect([copied.code, copied.stdout]).toEqual([0, `alpine:own is ${image.descriptor.digest}\n`])
  expect(await statusOf('alpine', 'own')).toBe(200)
})

const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
const outside = addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address

// Nothing answers on 127.0.0.1 then.
test.skipIf(!outside)(
  'a server that listens on an address of the network is asked there',
  async () => {
    const { server } = await start({ listen: `${outside}:0` })
    const { data } = server
    const config = await writeMirrors({ listen: `${outside}:${server.port}`, data })
    const place = ['--config', config]
    const pruned = await runCommand('prune', '--repositories', '**', '--keep-last', '1', ...place)
    expect([pruned.code, pruned.stderr]).toEqual([0, ''])
    const copied = await runCommand('copy', 'docker.io/library/alpine:1', 'alpine:1', ...place)
    expect([copied.code, copied.stderr]).toEqual([1, expect.stringContaining('alpine')])
    const removed = await runCommand('rm', 'team/app:1', ...place)
    expect([removed.code, removed.stderr]).toEqual([1, expect.stringContaining('team/app')])
  },
)
