import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
} from '../../../src/config/units.ts'

const wantedSize = 'a size such as 500MB, 10GiB or 1024 (bytes)'
const wantedDuration = 'a duration such as 30s, 5m or 7d'
const wantedShare = 'a share such as 85%, from 0% to 100%'

describe('a value with a unit is read', () => {
  test.each([
    ['a size with a binary unit counts in powers of 1024', parseSize, '10GiB', 10 * 2 ** 30],
    ['a size with a decimal unit counts in powers of 1000', parseSize, '500MB', 500_000_000],
    ['a size may have a fraction', parseSize, '1.5GiB', 1.5 * 2 ** 30],
    ['a size without a unit is in bytes', parseSize, 1024, 1024],
    ['a size from the environment is a text', parseSize, '1024', 1024],
    ['a size may be zero', parseSize, 0, 0],
    ['a fraction is rounded to whole bytes', parseSize, '1.1GB', 1_100_000_000],
    ['a rate is in bytes per second', parseRate, '50MB/s', 50_000_000],
    ['milliseconds', parseDuration, '500ms', 500],
    ['seconds', parseDuration, '30s', 30_000],
    ['minutes', parseDuration, '5m', 300_000],
    ['hours', parseDuration, '1h', 3_600_000],
    ['days', parseDuration, '7d', 604_800_000],
    ['a duration may have a fraction', parseDuration, '1.5h', 5_400_000],
    ['zero needs no unit', parseDuration, 0, 0],
    ['a share is a part of one', parseShare, '85%', 0.85],
    ['a share may be all', parseShare, '100%', 1],
    ['a share may have a fraction', parseShare, '12.5%', 0.125],
  ])('%s', (_rule, parse, text, expected) => {
    expect(parse(text)).toBe(expected)
  })
})

describe('a value with a unit is refused', () => {
  test.each([
    ['a size needs a number', parseSize, 'much', 'much', wantedSize],
    ['a size is not negative', parseSize, -1, '-1', wantedSize],
    ['a size is in whole bytes', parseSize, 0.5, '0.5', wantedSize],
    ['the capitals of a unit count', parseSize, '10gib', '10gib', wantedSize],
    ['a unit is not shortened', parseSize, '10G', '10G', wantedSize],
    ['no space stands before the unit', parseSize, '10 GiB', '10 GiB', wantedSize],
    ['nothing stands after the unit', parseSize, '10GiB!', '10GiB!', wantedSize],
    ['a size is no exponent', parseSize, '1e9', '1e9', wantedSize],
    ['a size is counted exactly', parseSize, '9000PiB', '9000PiB', wantedSize],
    ['a size is no list', parseSize, ['1MB'], 'a list', wantedSize],
    ['a size is not empty', parseSize, '', 'an empty text', wantedSize],
    ['a rate says per what', parseRate, '50MB', '50MB', 'a rate such as 50MB/s'],
    ['a rate of zero would stop everything', parseRate, '0B/s', '0B/s', 'a rate such as 50MB/s'],
    ['a rate is in bytes', parseRate, '50Mbit/s', '50Mbit/s', 'a rate such as 50MB/s'],
    ['a duration needs a unit', parseDuration, 30, '30', wantedDuration],
    ['a word is no duration', parseDuration, 'five', 'five', wantedDuration],
    ['a duration is not negative', parseDuration, '-5m', '-5m', wantedDuration],
    ['a duration has one unit', parseDuration, '1h30m', '1h30m', wantedDuration],
    ['weeks are not known', parseDuration, '1w', '1w', wantedDuration],
    ['a wait is above zero', parseTimeout, '0s', '0s', 'a duration above 0 and at most 1d'],
    ['a wait fits into a timer', parseTimeout, '30d', '30d', 'a duration above 0 and at most 1d'],
    ['a share has a percent sign', parseShare, 0.85, '0.85', wantedShare],
    ['a share is at most all', parseShare, '101%', '101%', wantedShare],
    ['a share is not negative', parseShare, '-1%', '-1%', wantedShare],
  ])('%s', (_rule, parse, text, found, wanted) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ found, wanted }))
  })
})

describe('what is written is read back as the same', () => {
  const amount = fc.nat({ max: Number.MAX_SAFE_INTEGER })

  test('sizes', () => {
    fc.assert(fc.property(amount, (bytes) => parseSize(formatSize(bytes)) === bytes))
  })

  test('rates', () => {
    const rate = amount.filter((bytes) => bytes > 0)
    fc.assert(fc.property(rate, (bytes) => parseRate(formatRate(bytes)) === bytes))
  })

  test('durations', () => {
    fc.assert(fc.property(amount, (ms) => parseDuration(formatDuration(ms)) === ms))
  })

  test('shares, to a thousandth of a percent', () => {
    const thousandths = fc.nat({ max: 100_000 })
    fc.assert(
      fc.property(thousandths, (count) => {
        const share = parseShare(`${count / 1000}%`)
        expect(parseShare(formatShare(share))).toBe(share)
      }),
    )
  })

  test.each([
    ['the largest unit that fits without a rest is taken', formatSize(10 * 2 ** 30), '10GiB'],
    ['decimal sizes stay decimal', formatSize(500_000_000), '500MB'],
    ['odd sizes are in bytes', formatSize(1025), '1025B'],
    ['five minutes are not 300 seconds', formatDuration(300_000), '5m'],
    ['a binary fraction leaves no rest', formatShare(0.07), '7%'],
  ])('%s', (_rule, written, expected) => {
    expect(written).toBe(expected)
  })
})
