import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { builtMain } from '../support/built-program.ts'
import { digestOf, makeBytes } from '../support/image-builder.ts'
import { waitUntil } from '../support/lab/background-process.ts'
import { ask } from '../support/raw-client.ts'
import { RegistryFolder } from '../support/registry-folder.ts'
import { runCommand, writeMirrors } from '../support/run-command.ts'
import { makeFolder, startMirrored } from '../support/start-mirrored.ts'

const imageCount = 12
const fileCount = 3 * imageCount + 1

const fill = async (registry: RegistryFolder) => {
  for (let at = 0; at < imageCount; at++) {
    const layer = makeBytes(`layer ${at}`, 2_000_000).toString('base64')
    await registry.addImage('team/app', `${at}`, {
      layers: ['base', layer],
      config: `{"at":${at}}`,
    })
  }
}

/** Blobs that the database knows of. */
const listRecorded = (data: string): string[] => {
  const database = new Database(join(data, 'entrepot.db'), { readonly: true })
  try {
    const digests = database.prepare('select digest from blobs').pluck().all() as string[]
    return digests.map((digest) => digest.replace('sha256:', ''))
  } finally {
    database.close()
  }
}

test.each([1, 10, 25])(
  'killed after %i files, it has left nothing wrong, and the next run goes on',
  { timeout: 90_000 },
  async (filesBefore) => {
    const { server, settings } = await startMirrored()
    const registry = new RegistryFolder(join(await makeFolder(), 'registry'))
    await fill(registry)
    const config = ['--config', await writeMirrors({ ...settings, data: server.data })]
    const child = spawn(process.execPath, [builtMain, 'adopt', registry.root, ...config])
    const ended = once(child, 'close')
    await waitUntil('some are there', async () => (await server.listBlobs()).length >= filesBefore)
    child.kill('SIGKILL')
    await ended
    const left = await server.listBlobs()
    expect(left.length).toBeLessThan(fileCount)
    for (const hex of left) {
      const bytes = await readFile(join(server.data, 'blobs', 'sha256', hex))
      expect(digestOf(bytes)).toBe(`sha256:${hex}`)
    }
    const recorded = listRecorded(server.data)
    expect(left).toEqual(expect.arrayContaining(recorded))
    const { code, stdout } = await runCommand('adopt', registry.root, '--json', ...config)
    const report = JSON.parse(stdout)
    expect([code, report.knownImages + report.images]).toEqual([0, imageCount])
    // Of the image that it was at, the files are read again.
    expect(report.blobs).toBe(fileCount - recorded.length)
    expect(await server.listBlobs()).toHaveLength(fileCount)
    for (let at = 0; at < imageCount; at++) {
      const pull = async () => ask(server, `/v2/team/app/manifests/${at}`)
      await waitUntil('it is served', async () => (await pull()).status === 200)
    }
  },
)
