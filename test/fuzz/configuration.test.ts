import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect } from 'vitest'
import { checkConfig } from '../../src/config/check-config.ts'
import { describeConfig } from '../../src/config/describe-config.ts'
import { escapeInterpolation, interpolate } from '../../src/config/environment.ts'
import {
  formatAddress,
  parseAddress,
  parseCidr,
  parseDefaultUpstream,
  parseHost,
  parsePostgresUrl,
  parseRegistryUrl,
  parseUpstreamHost,
  parseWebUrl,
} from '../../src/config/network-values.ts'
import { parseYaml } from '../../src/config/parse-yaml.ts'
import { parseCount, parseFlag } from '../../src/config/plain-values.ts'
import {
  formatDuration,
  formatRate,
  formatShare,
  formatSize,
  parseDuration,
  parseRate,
  parseShare,
  parseSize,
  parseTimeout,
} from '../../src/config/units.ts'
import { ValueError } from '../../src/config/value-error.ts'
import { expectReading } from './expect-reading.ts'
import { fuzzTable, type Row, row } from './fuzz-table.ts'
import { mutated } from './mutations.ts'

const example = await readFile(new URL('../../mirrors.yaml', import.meta.url), 'utf8')
/** Nobody sends it: it is its operator's own file. */
const longestMs = 2_000
const surroundings = { folder: '/folder', texts: new Map<string, string>() }

const nested = fc
  .tuple(fc.constantFrom('[', '{a: ', '- ', '? '), fc.constantFrom(100, 2_000, 20_000))
  .map(([opening, depth]) => opening.repeat(depth))
const files = fc.oneof(
  { weight: 9, arbitrary: mutated([example, 'a: &x {b: 1}\nc: *x', '"listen": ["0.0.0.0:5000"]']) },
  { weight: 1, arbitrary: nested },
)

/** As the program reads a file. */
function readConfiguration(text: string) {
  const { data, problems: mistakes } = parseYaml(text)
  if (mistakes.length > 0) return { config: undefined, problems: mistakes }
  const { data: filled, problems } = interpolate(data, { HOME: '/root' })
  const checked = checkConfig(filled, surroundings)
  return { config: checked.config, problems: [...problems, ...checked.problems] }
}

/** What is read can be written, and read again as the same. */
function value<T>(
  name: string,
  samples: readonly string[],
  { parse, format }: { parse: (value: unknown) => T; format?: (value: T) => string },
): Row {
  const inputs = fc.oneof(mutated(samples), fc.double(), fc.jsonValue())
  return row(name, inputs, (input) => {
    const read = expectReading(() => parse(input), [ValueError])
    if (read !== undefined && format) expect(parse(format(read))).toEqual(read)
  })
}

fuzzTable(
  [
    row('mirrors.yaml is read, or it is said what is wrong', files, (text) => {
      const { config, problems } = expectReading(() => readConfiguration(text), [], longestMs)!
      for (const { path, found, wanted } of problems)
        for (const part of [path, found, wanted]) expect(part).toMatch(/^\P{Cc}+$/u)
      if (config === undefined) return
      // Secrets aren't written.
      const written = expectReading(() => describeConfig(config), [], longestMs)!
      const again = readConfiguration(written)
      expect(again.problems).toEqual([])
      expect(again.config && describeConfig(again.config)).toBe(written)
    }),
    row('an escaped text is itself', mutated([`\${A} $\${B} \${C:-d}`]), (text) => {
      expect(interpolate([escapeInterpolation(text)], {}).data).toEqual([text])
      expectReading(() => interpolate({ [text]: text }, { A: 'a' }), [])
    }),
    value('a size', ['10GiB', '500MB', '1024', '0.5TB'], { parse: parseSize, format: formatSize }),
    value('a rate', ['50MB/s', '1.5KiB/s'], { parse: parseRate, format: formatRate }),
    value('a duration', ['30s', '5m', '7d', '500ms', '0'], {
      parse: parseDuration,
      format: formatDuration,
    }),
    value('a timeout', ['30s', '1d'], { parse: parseTimeout, format: formatDuration }),
    value('a share', ['85%', '99.125%', '0%'], { parse: parseShare, format: formatShare }),
    value('an address', ['0.0.0.0:5000', '[::1]:1', 'localhost:65535'], {
      parse: parseAddress,
      format: formatAddress,
    }),
    value('a range of addresses', ['10.0.3.0/24', 'fd00::/8', '::1'], same(parseCidr)),
    value('a URL of a registry', ['https://ghcr.io', 'http://[::1]:5000/'], same(parseRegistryUrl)),
    value('a URL', ['https://user:pass@host/path?query#part'], same(parseWebUrl)),
    value('a database', ['postgres://user:pass@host/database'], same(parsePostgresUrl)),
    value('a host', ['ghcr.io', 'registry.local:5000', '[::1]:5000'], same(parseHost)),
    value('an upstream', ['ghcr.io', 'host:5000'], same(parseUpstreamHost)),
    value('a default upstream', ['index.docker.io', 'host_1'], same(parseDefaultUpstream)),
    value('a count', ['16', '1000'], { parse: parseCount(1, 1000), format: String }),
    value('a flag', ['true', 'false'], { parse: parseFlag, format: String }),
  ],
  { share: 0.1 },
)

function same(parse: (value: unknown) => string) {
  return { parse, format: (text: string) => text }
}
