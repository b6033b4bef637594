/*
 * What the schemas are built from. Each value is read by a plain function that throws ValueError;
 * here it becomes a zod schema that reports, so that every problem is found in one go.
 */
import { z } from 'zod'
import { knownKeyFor } from './nearest-key.ts'
import type { Parse } from './plain-values.ts'
import { ValueError } from './value-error.ts'

/** A rule between several keys of one section that does not hold. */
export interface BrokenRule {
  readonly path: readonly string[]
  readonly found: string
  readonly wanted: string
}

// `optional`, since zod would otherwise report an absent key before its default is asked for.
const anything = z.unknown().optional()

type Report = z.RefinementCtx

/** A value with a default, which is given as it would stand in mirrors.yaml. */
export function setting<T>(parse: Parse<T>, fallback: unknown): z.ZodType<T> {
  return reading((value) => parse(value ?? fallback))
}

/** A value that may be left out, empty, or switched off by `none`. */
export function optional<T>(parse: Parse<T>): z.ZodType<T | undefined> {
  return reading((value) => (isEmpty(value) || value === 'none' ? undefined : parse(value)))
}

/** The same for a login, where `none` is a text like any other. */
export function optionalText(parse: Parse<string>): z.ZodType<string | undefined> {
  return reading((value) => (isEmpty(value) ? undefined : parse(value)))
}

/** A value without a default. */
export function required<T>(parse: Parse<T>): z.ZodType<T> {
  return reading(parse)
}

/** A list; one value alone stands for a list of one. */
export function listOf<T>(item: z.ZodType<T>, fallback: readonly unknown[] = []): z.ZodType<T[]> {
  return z.preprocess((value) => {
    if (value === undefined || value === null) return fallback
    return Array.isArray(value) ? value : [value]
  }, z.array(item))
}

/** A list of at least one. */
export function someOf<T>(item: z.ZodType<T>, wanted: string): z.ZodType<T[]> {
  return withRules(listOf(item), (list) => {
    return list.length === 0 ? { path: [], found: 'nothing', wanted } : undefined
  })
}

/** A mapping with known keys only; left empty, it has all its defaults. */
export function section<S extends z.ZodRawShape>(shape: S): z.ZodType<z.output<z.ZodObject<S>>> {
  const known = Object.keys(shape)
  const unknownKey = z.unknown().refine(() => false, {
    params: { found: 'an unknown key' },
    error: (issue) => knownKeyFor(String(issue.path?.at(-1)), known),
  })
  const object = z.object(shape, { error: `a mapping with ${known.join(', ')}` })
  const fillIn = (value: unknown) => fillInKeys(value ?? {}, known)
  return z.preprocess(fillIn, object.catchall(unknownKey)) as z.ZodType<z.output<z.ZodObject<S>>>
}

/** A mapping whose keys are names of the user's own; the schema of a value may depend on its name. */
export function mapOf<T>(
  parseName: Parse<string>,
  schemaFor: (name: string) => z.ZodType<T>,
  fallback: readonly string[] = [],
): z.ZodType<ReadonlyMap<string, T>> {
  return anything.transform((value, report) => {
    const entries = toEntries(value ?? Object.fromEntries(fallback.map((name) => [name, null])))
    if (!entries) return refuse(report, value, 'a mapping of names')
    return new Map(
      entries.map(([name, item]) => {
        read(parseName, name, { report, path: [name] })
        return [name, check(schemaFor(name), item, { report, path: [name] })]
      }),
    )
  })
}

/** A value whose form decides by which schema it is checked. */
export function choice<T>(choose: (value: unknown) => z.ZodType<T>): z.ZodType<T> {
  return anything.transform((value, report) => check(choose(value), value, { report, path: [] }))
}

/** Rules between keys; they are asked even when other keys are wrong. */
export function withRules<T>(
  schema: z.ZodType<T>,
  ...rules: readonly ((value: T) => BrokenRule | undefined)[]
): z.ZodType<T> {
  const checkRules = (value: T, report: Report) => {
    for (const broken of rules.map((rule) => rule(value))) {
      if (!broken) continue
      const { path, found, wanted } = broken
      report.addIssue({ code: 'custom', path: [...path], message: wanted, params: { found } })
    }
  }
  return schema.superRefine(checkRules, { when: () => true })
}

interface Place {
  readonly report: Report
  readonly path: readonly string[]
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** zod leaves out what is absent; with undefined in its place, equal settings are equal objects. */
function fillInKeys(value: unknown, keys: readonly string[]): unknown {
  const entries = toEntries(value)
  return entries ? Object.fromEntries([...keys.map((key) => [key, undefined]), ...entries]) : value
}

function toEntries(value: unknown): [string, unknown][] | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value)
    : undefined
}

function reading<T>(parse: Parse<T>): z.ZodType<T> {
  return anything.transform((value, report) => read(parse, value, { report, path: [] }))
}

function read<T>(parse: Parse<T>, value: unknown, { report, path }: Place): T {
  try {
    return parse(value)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    report.issues.push({ code: 'custom', input: value, path: [...path], message: error.wanted })
    return z.NEVER
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown, { report, path }: Place): T {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    report.issues.push({ ...issue, input: issue.input, path: [...path, ...issue.path] } as never)
  }
  return z.NEVER
}

function refuse(report: Report, value: unknown, wanted: string): never {
  report.issues.push({ code: 'custom', input: value, message: wanted })
  return z.NEVER
}
