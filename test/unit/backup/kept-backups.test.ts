import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockName } from '../../../src/backup/backup-folder.ts'
import { listBackups } from '../../../src/backup/kept-backups.ts'
import { makeFolder } from '../../support/start-mirrored.ts'

test('backups are found beside however many folders of others', async () => {
  const folder = await makeFolder()
  for (let other = 0; other < 120; other++)
    await mkdir(join(folder, `other-${other}`), { recursive: true })
  await mkdir(join(folder, 'weekly'))
  await writeFile(join(folder, 'weekly', lockName), '')
  expect(await listBackups(folder)).toEqual([
    expect.objectContaining({ name: 'weekly', state: 'unfinished' }),
  ])
})
