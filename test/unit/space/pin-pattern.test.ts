import { expect, test } from 'vitest'
import { completePattern } from '../../../src/space/pin-pattern.ts'
import { checkYaml } from '../config/check-yaml.ts'

const rules = checkYaml('upstreams: {docker.io: {}, quay.io: {}, inside: {}}')

test.each([
  ['node:20', 'docker.io/library/node:20'],
  ['node-*', 'docker.io/library/node-*'],
  ['team/app', 'docker.io/team/app'],
  ['docker.io/node:20', 'docker.io/library/node:20'],
  ['docker.io/*', 'docker.io/library/*'],
  ['docker.io/**', 'docker.io/**'],
  ['index.docker.io/library/node', 'docker.io/library/node'],
  ['registry-1.docker.io/node', 'docker.io/library/node'],
  ['QUAY.io/team/app:1', 'quay.io/team/app:1'],
  ['quay.io/app', 'quay.io/app'],
  ['inside/app', 'inside/app'],
  ['other.example_5000/team/app', 'other.example:5000/team/app'],
  ['**', '**'],
  ['*/team/**', '*/team/**'],
  ['{docker,quay}.io/team/**', '{docker,quay}.io/team/**'],
])('%s stands for %s', (text, pattern) => {
  expect(completePattern(text, rules)).toBe(pattern)
  expect(completePattern(pattern, rules)).toBe(pattern)
})
