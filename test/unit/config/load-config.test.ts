// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are those of mirrors.yaml
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigError, type ConfigProblem } from '../../../src/config/config-error.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

let directory: TemporaryDirectory

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
})
afterEach(() => directory.remove())

const write = async (name: string, text: string): Promise<string> => {
  const file = join(directory.path, name)
  await writeFile(file, text)
  return file
}

const load = async (text: string, environment = {}) => {
  return loadConfig(await write('mirrors.yaml', text), environment)
}

const problemsOf = async (text: string, environment = {}): Promise<readonly ConfigProblem[]> => {
  const error = await load(text, environment).catch((reason: unknown) => reason)
  if (!(error instanceof ConfigError)) throw new Error('no ConfigError', { cause: error })
  return error.problems
}

const login = (settings: string) => `upstreams: {docker.io: {username: someone, ${settings}}}`

test('a missing file is an error that says where it looked and how to begin', async () => {
  const file = join(directory.path, 'mirrors.yaml')
  await expect(loadConfig(file, {})).rejects.toThrow(ConfigError)
  await expect(loadConfig(file, {})).rejects.toThrow(
    new RegExp(`found no file at ${file}, wanted a configuration: copy the mirrors.yaml`),
  )
})

test('a folder is no configuration', async () => {
  await expect(loadConfig(directory.path, {})).rejects.toThrow(/found a folder at/)
})

test('a pipe is no configuration, since it cannot be read again', async () => {
  await expect(loadConfig('/dev/null', {})).rejects.toThrow(/found \/dev\/null, which is no plain/)
})

test('an empty file means all defaults', async () => {
  expect((await load('')).data).toBe(join(directory.path, 'data'))
})

test('a mistake in the YAML is an error with its place', async () => {
  await expect(load('listen: x\nlisten: y')).rejects.toThrow(/line 2, column 1: found a key/)
})

describe('the environment', () => {
  test('gives values of every kind', async () => {
    const text = 'offline: ${A}\nthreads: ${B}\nspace: {maxSize: "${C}"}'
    const config = await load(text, { A: 'true', B: '2', C: '10GiB' })
    expect(config).toMatchObject({
      offline: true,
      threads: 2,
      space: { maxSizeBytes: 2 ** 30 * 10 },
    })
  })

  test('gives a list only one item, whatever the value holds', async () => {
    const config = await load('access: {rules: [{who: a, repositories: "${WHAT}", may: pull}]}', {
      WHAT: 'a, may: [push]',
    })
    expect(config.access.rules).toEqual([
      { who: 'a', repositories: ['a, may: [push]'], may: ['pull'] },
    ])
  })

  test('is asked for each missing variable, and for nothing that follows from it', async () => {
    const text =
      'listen: ${LISTEN}\nupstreams: {docker.io: {username: "${USER}", password: "${PASS}"}}'
    const problems = await problemsOf(text, { PASS: 'hunter2' })
    expect(problems.map(({ path }) => path)).toEqual(['listen', 'upstreams["docker.io"].username'])
  })
})

describe('a password file', () => {
  test('gives the password, without the line break at its end', async () => {
    await write('secret', ' hunter2 \r\n')
    const { upstreams } = await load(login('passwordFile: secret'))
    expect(upstreams.get('docker.io')).toMatchObject({
      password: ' hunter2 ',
      passwordFile: join(directory.path, 'secret'),
    })
  })

  test.each([
    ['that is missing', 'missing', /^no file at .*\/missing$/],
    ['that is empty', 'empty', /^an empty file$/],
    ['that is a folder', 'folder', /^a folder at /],
    ['that is far too large', 'large', /^.*\/large, which has 70000 bytes$/],
    ['that would never end', '/dev/zero', /^\/dev\/zero, which is no plain file$/],
  ])('%s is a problem', async (_rule, name, found) => {
    await write('empty', '\n')
    await write('large', 'x'.repeat(70_000))
    await mkdir(join(directory.path, 'folder'))
    expect(await problemsOf(login(`passwordFile: ${name}`))).toEqual([
      {
        path: 'upstreams["docker.io"].passwordFile',
        found: expect.stringMatching(found),
        wanted: 'a file that holds the password',
      },
    ])
  })
})

describe('a CA file', () => {
  const [certificate = ''] = rootCertificates
  const brokenCertificate = certificate.replace(/\n[A-Za-z0-9+/=\n]+\n/, '\nAAAA\n')
  const certificates = `a comment\n${certificate}\n${rootCertificates[1]}\n`

  test('gives its text', async () => {
    await write('ca.pem', certificates)
    const { upstreams } = await load('upstreams: {docker.io: {ca: ca.pem}}')
    expect(upstreams.get('docker.io')).toMatchObject({
      ca: join(directory.path, 'ca.pem'),
      caPem: certificates,
    })
  })

  test.each([
    ['without a certificate', 'a key', 'a file without a certificate'],
    ['with a broken certificate', brokenCertificate, 'a certificate that cannot be read'],
    ['that is cut', certificate.slice(0, 200), 'a file without a certificate'],
  ])('%s is a problem', async (_rule, content, found) => {
    await write('ca.pem', content)
    expect(await problemsOf('upstreams: {docker.io: {ca: ca.pem}}')).toEqual([
      {
        path: 'upstreams["docker.io"].ca',
        found,
        wanted: 'a PEM file that holds a certificate',
      },
    ])
  })
})

test('a wrong value, a missing variable and a missing file are reported together', async () => {
  const problems = await problemsOf(`${login('passwordFile: missing')}\nlisten: 1\ndata: \${DATA}`)
  expect(problems.map(({ path }) => path).toSorted()).toEqual([
    'data',
    'listen',
    'upstreams["docker.io"].passwordFile',
  ])
})

test('no secret shows in the message, wherever the mistake is', async () => {
  const text = `
upstreams:
  docker.io: {username: a, password: [hunter2]}
  quay.io: {username: a, password: hunter2, passwordFile: b}
  ghcr.io: {url: "https://a:hunter2@ghcr.io", passwort: hunter2}
webhooks: [{url: "ftp://x/hunter2", secret: {a: hunter2}}, {url: "x.io/hunter2"}, {url: "x://a:b/hunter2@y?hunter2"}, "hunter2@x:hunter2@y"]
store:
  blobs: {url: x, accessKeyId: a, secretAccessKey: [hunter2]}
  metadata: "postgres//u:hunter2@h/db"
`
  const problems = await problemsOf(text)
  expect(problems.length).toBeGreaterThan(8)
  expect(JSON.stringify(problems)).not.toContain('hunter2')
})

describe('the tags of a rule of retention', () => {
  const rule = (tags: string) =>
    `hosted: {retention: [{repositories: a, tags: '${tags}', keepLast: 1}]}`

  test.each(['^v[0-9]+$', '(?i)latest', 'none'])('may be %s', async (tags) => {
    expect((await load(rule(tags))).hosted.retention).toHaveLength(1)
  })

  test.each(['(', '^(?!latest)', '(a)\\1', `(${'a'.repeat(1000)})`])(
    'may not be %s, which is said together with all else that is wrong',
    async (tags) => {
      expect(await problemsOf(`offline: maybe\n${rule(tags)}`)).toEqual([
        expect.objectContaining({
          path: 'hosted.retention[0].tags',
          wanted: expect.stringMatching(/^a regular expression such as .* without lookaround/),
        }),
        expect.objectContaining({ path: 'offline' }),
      ])
    },
  )
})
