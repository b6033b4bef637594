import fc from 'fast-check'

const firstHalf = 0xd800
const halves = 0x800

/** As fast-check's `unit: 'binary'`, of which it makes a list that takes seconds on a busy machine. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10ffff - halves })
  .map((point) => String.fromCodePoint(point < firstHalf ? point : point + halves))
