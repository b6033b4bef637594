import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Config } from '../../../src/config/config.ts'
import { ConfigError } from '../../../src/config/config-error.ts'
import { ConfigWatcher, type ConfigWatcherOptions } from '../../../src/config/watch-config.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

interface Change {
  readonly next: Config
  readonly previous: Config
}

let directory: TemporaryDirectory
let watcher: ConfigWatcher | undefined
let seen: Recorder

/** Keeps what the watcher says, and lets a test wait for the next of it. */
class Recorder {
  readonly changes: Change[] = []
  readonly refusals: ConfigError[] = []
  #heard = Promise.withResolvers<void>()

  readonly onChange = (next: Config, previous: Config): void => {
    this.changes.push({ next, previous })
    this.#tell()
  }

  readonly onRefused = (error: ConfigError): void => {
    this.refusals.push(error)
    this.#tell()
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#heard.promise
  }

  #tell(): void {
    this.#heard.resolve()
    this.#heard = Promise.withResolvers()
  }
}

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  seen = new Recorder()
})
afterEach(async () => {
  watcher?.close()
  watcher = undefined
  await directory.remove()
})

const inside = (...names: string[]) => join(directory.path, ...names)
const level = (name: string) => `log: {level: ${name}}\n`

const open = async (file: string, options: Partial<ConfigWatcherOptions> = {}) => {
  const { onChange, onRefused } = seen
  // The poll is out of the way, so that these tests show what watching alone sees.
  const usual = { environment: {}, settleMs: 5, pollMs: 3_600_000 }
  watcher = await ConfigWatcher.open({ file, ...usual, onChange, onRefused, ...options })
  return watcher
}

const openText = async (text: string, options?: Partial<ConfigWatcherOptions>) => {
  await writeFile(inside('mirrors.yaml'), text)
  return open(inside('mirrors.yaml'), options)
}

const replace = async (name: string, text: string) => {
  await writeFile(inside('new'), text)
  await rename(inside('new'), inside(name))
}

test('opening a wrong file throws', async () => {
  await expect(openText('listen: 1')).rejects.toThrow(ConfigError)
})

describe('a change is taken up by itself', () => {
  test('when the file is written in place', async () => {
    const { current } = await openText(level('info'))
    await writeFile(inside('mirrors.yaml'), level('debug'))
    await seen.until(() => watcher?.current.log.level === 'debug')
    expect(seen.changes).toEqual([{ next: watcher?.current, previous: current }])
  })

  test('when another file is renamed onto it', async () => {
    await openText(level('info'))
    for (const name of ['debug', 'warn', 'error']) {
      await replace('mirrors.yaml', level(name))
      await seen.until(() => watcher?.current.log.level === name)
    }
    expect(seen.changes).toHaveLength(3)
  })

  test('when a link is swapped, as Kubernetes does with a config map', async () => {
    for (const name of ['info', 'debug', 'warn']) {
      await mkdir(inside(name))
      await writeFile(inside(name, 'mirrors.yaml'), level(name))
    }
    await symlink('info', inside('..data'))
    await symlink('..data/mirrors.yaml', inside('mirrors.yaml'))
    await open(inside('mirrors.yaml'))
    for (const name of ['debug', 'warn']) {
      await symlink(name, inside('..data_tmp'))
      await rename(inside('..data_tmp'), inside('..data'))
      await seen.until(() => watcher?.current.log.level === name)
    }
    expect(seen.changes).toHaveLength(2)
  })

  test('when the file that a link leads to is written', async () => {
    await mkdir(inside('elsewhere'))
    await writeFile(inside('elsewhere', 'real.yaml'), level('info'))
    await symlink('elsewhere/real.yaml', inside('mirrors.yaml'))
    await open(inside('mirrors.yaml'))
    await writeFile(inside('elsewhere', 'real.yaml'), level('debug'))
    await seen.until(() => watcher?.current.log.level === 'debug')
  })

  test('when a password file in another folder changes', async () => {
    await mkdir(inside('secrets'))
    await writeFile(inside('secrets', 'hub'), 'old\n')
    await openText('upstreams: {docker.io: {username: a, passwordFile: secrets/hub}}')
    const password = () => watcher?.current.upstreams.get('docker.io')?.password
    expect(password()).toBe('old')
    await replace('secrets/hub', 'new\n')
    await seen.until(() => password() === 'new')
  })

  test('when a password file that was named later changes', async () => {
    await openText('')
    await mkdir(inside('secrets'))
    await writeFile(inside('secrets', 'hub'), 'old')
    const password = () => watcher?.current.upstreams.get('docker.io')?.password
    await replace(
      'mirrors.yaml',
      'upstreams: {docker.io: {username: a, passwordFile: secrets/hub}}',
    )
    await seen.until(() => password() === 'old')
    await writeFile(inside('secrets', 'hub'), 'new')
    await seen.until(() => password() === 'new')
  })

  test('by looking now and then, where no folder tells of it', async () => {
    for (const name of ['info', 'debug']) {
      await mkdir(inside(name))
      await writeFile(inside(name, 'mirrors.yaml'), level(name))
    }
    await mkdir(inside('links'))
    await symlink('../info', inside('links', 'now'))
    await symlink('links/now/mirrors.yaml', inside('mirrors.yaml'))
    await open(inside('mirrors.yaml'), { pollMs: 20 })
    await symlink('../debug', inside('links', 'next'))
    await rename(inside('links', 'next'), inside('links', 'now'))
    await seen.until(() => watcher?.current.log.level === 'debug')
  })
})

test('a file that is still being written is not read', async () => {
  await openText(level('warn'), { settleMs: 200 })
  // Cut off first, as writing in place does; taken by itself, an empty file means all defaults.
  await writeFile(inside('mirrors.yaml'), '')
  await writeFile(inside('mirrors.yaml'), level('debug'))
  await seen.until(() => seen.changes.length > 0)
  expect(seen.changes[0]?.next.log.level).toBe('debug')
})

describe('a wrong change is refused', () => {
  test('and the old configuration stays until a right one comes', async () => {
    const { current } = await openText(level('info'))
    await writeFile(inside('mirrors.yaml'), level('loud'))
    await seen.until(() => seen.refusals.length > 0)
    expect(seen.refusals[0]?.message).toContain('log.level: found loud')
    expect(watcher?.current).toBe(current)

    await writeFile(inside('mirrors.yaml'), level('debug'))
    await seen.until(() => seen.changes.length > 0)
    expect(watcher?.current.log.level).toBe('debug')
    expect(seen.refusals).toHaveLength(1)
  })

  test('and hears of it when it is undone', async () => {
    const { current } = await openText(level('info'))
    await writeFile(inside('mirrors.yaml'), level('loud'))
    await seen.until(() => seen.refusals.length > 0)

    await writeFile(inside('mirrors.yaml'), level('info'))
    await seen.until(() => seen.changes.length > 0)
    expect(seen.changes).toEqual([{ next: current, previous: current }])
  })

  test('as is a file that was taken away', async () => {
    await openText(level('info'))
    await rm(inside('mirrors.yaml'))
    await seen.until(() => seen.refusals.length > 0)
    expect(seen.refusals[0]?.message).toContain('found no file at')
    expect(watcher?.current.log.level).toBe('info')
  })

  test('once, and is taken up when the file it lacked appears', async () => {
    await openText('')
    await replace('mirrors.yaml', 'upstreams: {docker.io: {username: a, passwordFile: hub}}')
    await seen.until(() => seen.refusals.length > 0)
    await replace('hub', 'password')
    await seen.until(() => seen.changes.length > 0)
    expect(watcher?.current.upstreams.get('docker.io')?.password).toBe('password')
    expect(seen.refusals).toHaveLength(1)
  })
})

describe('reload', () => {
  test('takes up a change before it resolves', async () => {
    const { current } = await openText(level('info'), { settleMs: 3_600_000 })
    await writeFile(inside('mirrors.yaml'), level('debug'))
    await watcher?.reload()
    expect(seen.changes).toEqual([{ next: watcher?.current, previous: current }])
  })

  test('calls nothing when the meaning is the same', async () => {
    await openText(level('info'), { settleMs: 3_600_000 })
    await writeFile(inside('mirrors.yaml'), '# all defaults\ndockerListen: none\n')
    await watcher?.reload()
    expect(seen.changes).toEqual([])
  })

  test('says each time that the file is wrong', async () => {
    await openText('', { settleMs: 3_600_000 })
    await writeFile(inside('mirrors.yaml'), level('loud'))
    await watcher?.reload()
    await watcher?.reload()
    expect(seen.refusals).toHaveLength(2)
  })

  test('many at once are one change', async () => {
    await openText('', { settleMs: 3_600_000 })
    await writeFile(inside('mirrors.yaml'), level('debug'))
    await Promise.all(Array.from({ length: 5 }, () => watcher?.reload()))
    expect(seen.changes).toHaveLength(1)
  })

  test('does nothing once closed', async () => {
    await openText('')
    await writeFile(inside('mirrors.yaml'), level('debug'))
    const reloading = watcher?.reload()
    watcher?.close()
    await reloading
    await watcher?.reload()
    expect(seen.changes).toEqual([])
  })
})
