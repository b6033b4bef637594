import { describe, expect, test } from 'vitest'
import { answerObject } from '../../support/scripted-range.ts'

const whole = Buffer.from('0123456789')

const answerTo = (range: string | undefined, method = 'GET') =>
  answerObject(whole, { method, url: '/', headers: range === undefined ? {} : { range } }, {})

describe('the part of an object', () => {
  test.each([
    { range: 'bytes=2-4', body: '234', contentRange: 'bytes 2-4/10' },
    { range: 'bytes=9-9', body: '9', contentRange: 'bytes 9-9/10' },
    { range: 'bytes=8-20', body: '89', contentRange: 'bytes 8-9/10' },
    { range: 'bytes=7-', body: '789', contentRange: 'bytes 7-9/10' },
    { range: 'bytes=0-', body: '0123456789', contentRange: 'bytes 0-9/10' },
    { range: 'bytes=-3', body: '789', contentRange: 'bytes 7-9/10' },
    { range: 'bytes=-30', body: '0123456789', contentRange: 'bytes 0-9/10' },
  ])('for $range is $body', ({ range, body, contentRange }) => {
    expect(answerTo(range)).toMatchObject({
      status: 206,
      headers: { 'content-range': contentRange, 'content-length': String(body.length) },
      body: Buffer.from(body),
    })
  })

  test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0'])('for %s is none', (range) => {
    expect(answerTo(range)).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */10', 'content-length': '0' },
    })
  })

  test.each([undefined, 'bytes=-', 'bytes=4-2', 'bytes=0-1,3-4', 'lines=0-1'])(
    'for %s is the whole',
    (range) => {
      const answer = answerTo(range)
      expect(answer).toMatchObject({ status: 200, body: whole })
      expect(answer.headers).not.toHaveProperty('content-range')
    },
  )

  test('for a HEAD is the whole', () => {
    expect(answerTo('bytes=2-4', 'HEAD')).toMatchObject({
      status: 200,
      headers: { 'content-length': '10' },
    })
  })
})
