import fc from 'fast-check'
import { anyCharacter } from '../support/any-character.ts'

/** What has made parsers stumble: escapes, borders of numbers, brackets, what isn't a character. */
const stumblingBlocks = [
  ...['\0', '\n', '\r\n', '\t', ' ', '\\', '/', '//', '..', '.', '%', '%00', '%2f', '%2e%2e'],
  ...['%252f', '%zz', '%ff', '%E2%82%AC', '\u00e9', '\ufeff', '\u2028', '\ud800', '\u{1f433}'],
  ...['0', '-1', '+1', '00', '0x10', '1e400', '9'.repeat(16), '9'.repeat(30), 'NaN', 'null'],
  ...['{', '}', '[', ']', '"', "'", '<', '>', '(', ')', '*', '**', '?', '!', '|', '^', '$', '${'],
  ...[',', ';', ':', '=', '&', '@', '#', '~', '__proto__', 'constructor', 'sha256:', 'sha512:'],
]

type Edit = {
  readonly kind: 'cut' | 'double' | 'put'
  /** Where in the text, as a share of its length. */
  readonly at: number
  readonly length: number
  readonly piece: string
  readonly times: number
}

const edits = fc.array(
  fc.record<Edit>({
    kind: fc.constantFrom('put', 'cut', 'double'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat({ max: 40 }),
    piece: fc.oneof(
      fc.constantFrom(...stumblingBlocks),
      fc.string({ unit: anyCharacter, maxLength: 3 }),
    ),
    times: fc.oneof(
      { weight: 20, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.constantFrom(100, 5_000) },
    ),
  }),
  { maxLength: 5 },
)

/** Texts that are nearly right: one of these, a few places of it taken out, doubled or filled. */
export function mutated(samples: readonly string[]): fc.Arbitrary<string> {
  const nearlyRight = fc
    .tuple(fc.constantFrom(...samples), edits)
    .map(([sample, changes]) => changes.reduce(apply, sample))
  const anything = fc.string({ unit: anyCharacter, maxLength: 200 })
  return fc.oneof({ weight: 9, arbitrary: nearlyRight }, { weight: 1, arbitrary: anything })
}

function apply(text: string, { kind, at, length, piece, times }: Edit): string {
  const start = Math.floor(at * text.length)
  const [before, part] = [text.slice(0, start), text.slice(start, start + length)]
  const after = text.slice(start + length)
  if (kind === 'cut') return before + after
  const put = (kind === 'double' ? part : piece).repeat(times)
  return before + put + text.slice(start)
}

/** JSON documents that are nearly right: texts that are, and documents some of whose fields are anything. */
export function mutatedJson(samples: readonly object[]): fc.Arbitrary<string> {
  const fields = [...new Set(samples.flatMap((sample) => Object.keys(sample)))]
  const texts = mutated(samples.map((sample) => JSON.stringify(sample)))
  const changes = fc.dictionary(fc.constantFrom(...fields, 'other'), strayValue, { maxKeys: 2 })
  const strayed = fc
    .tuple(fc.constantFrom(...samples), changes, deepJson)
    .map(([sample, changed, deep]) =>
      JSON.stringify({ ...sample, ...changed }).replace(JSON.stringify(deepMark), deep),
    )
  return fc.oneof(texts, strayed)
}

const deepMark = 'something deep'

const strayValue = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(null, -1, 0, 2 ** 53, 1e300, '', [], {}, [null], [[]], [{}]),
  fc.constantFrom(deepMark, [deepMark]),
)

/** A number for a name is read and written in a way of its own. */
export const deepJson: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('[', '{"a":', '{"0":'), fc.constantFrom(90, 1_000, 9_000))
  .map(([opening, depth]) => {
    const [innermost, closing] = opening === '[' ? ['', ']'] : ['0', '}']
    return opening.repeat(depth) + innermost + closing.repeat(depth)
  })
