import { describe, expect, onTestFinished, test } from 'vitest'
import { Sources } from '../../../src/mirror/sources.ts'
import { pushedHere, unknownOrigin } from '../../../src/oci/source.ts'
import { dockerHub, type UpstreamName } from '../../../src/oci/upstream-name.ts'
import { uncounted } from '../../../src/upstream/fetch-meter.ts'
import { checkYaml } from '../config/check-yaml.ts'

const [ghcr, corporate, stranger, gone] = [
  'ghcr.io',
  'registry.corp.example',
  'evil.example',
  'gone.example',
] as UpstreamName[]
const upstreams = 'docker.io: {}, ghcr.io: {}, registry.corp.example: {private: true}'

const open = (yaml: string): Sources => {
  const surroundings = { elapsedMs: () => 0, isOffline: () => true }
  const outages = {
    onOutage: () => {},
    onOutageEnd: () => {},
    onBudget: () => {},
    meter: uncounted,
  }
  const sources = new Sources(checkYaml(yaml), { ...surroundings, ...outages })
  onTestFinished(() => sources.close())
  return sources
}

describe('the word of an upstream opens', () => {
  const anyHost = `upstreams: {${upstreams}, "*": {}}`
  const named = `upstreams: {${upstreams}}`
  const closed = `{access: {anonymous: none}, upstreams: {${upstreams}}}`

  test.each([
    ['what came from there', named, ghcr, ghcr, true],
    ['what came from there, though it is private', named, corporate, corporate, true],
    ['what everybody may pull elsewhere', named, corporate, dockerHub, true],
    ['what everybody may pull elsewhere, be it any host', anyHost, stranger, dockerHub, true],
    ['nothing of a private upstream', named, ghcr, corporate, false],
    ['nothing of one that is configured no more', named, ghcr, gone, false],
    ['nothing that was pushed here', named, ghcr, pushedHere, false],
    ['nothing that was pushed here, where any host is allowed', anyHost, ghcr, pushedHere, false],
    ['nothing of another where nobody may pull without a rule', closed, ghcr, dockerHub, false],
    ['what is of unknown origin', named, ghcr, unknownOrigin, true],
    ['what is of unknown origin, but not for any host', anyHost, stranger, unknownOrigin, false],
  ])('%s', (_, yaml, upstream = dockerHub, origin = dockerHub, isEnough) => {
    expect(open(yaml).takesWord(upstream, origin)).toBe(isEnough)
  })
})
