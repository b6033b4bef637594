import fc from 'fast-check'
import { test } from 'vitest'
import { fuzz } from './fuzz-settings.ts'

export type Row = { readonly name: string; readonly run: (share: number) => Promise<void> }

/** One parser, and what holds of it for every input. */
export function row<T>(name: string, input: fc.Arbitrary<T>, hold: (input: T) => void): Row {
  return { name, run: (share) => fuzz(fc.property(input, hold), { share }) }
}

/** A test a row; together they take that share of the time. */
export function fuzzTable(rows: readonly Row[], { share }: { readonly share: number }): void {
  test.each(rows)('$name', ({ run }) => run(share / rows.length))
}
