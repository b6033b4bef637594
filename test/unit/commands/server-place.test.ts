import { lookup } from 'node:dns/promises'
import { writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findServer } from '../../../src/commands/server-place.ts'
import { formatAddress } from '../../../src/config/network-values.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const originOf = async (listen: string): Promise<string> => {
  const directory = await makeTemporaryDirectory()
  try {
    const config = join(directory.path, 'mirrors.yaml')
    await writeFile(config, JSON.stringify({ listen }))
    return (await findServer({ config })).origin
  } finally {
    await directory.remove()
  }
}

test.each([
  ['all addresses as this machine’s own', '0.0.0.0:5000', 'http://127.0.0.1:5000'],
  ['all of both kinds as well', '[::]:5000', 'http://[::1]:5000'],
  ['one address as it is', '192.0.2.7:5000', 'http://192.0.2.7:5000'],
  ['localhost as it is', 'localhost:5000', 'http://localhost:5000'],
  ['a name that nobody knows as it is', 'nowhere.invalid:5000', 'http://nowhere.invalid:5000'],
])('a server is found by what it listens on: %s', async (_rule, listen, origin) => {
  expect(await originOf(listen)).toBe(origin)
})

const own = await lookup(hostname()).catch(() => undefined)

test.skipIf(!own)('one that listens on a name is found by the address behind it', async () => {
  expect(await originOf(`${hostname()}:5000`)).toBe(
    `http://${formatAddress({ host: own?.address ?? '', port: 5000 })}`,
  )
})
