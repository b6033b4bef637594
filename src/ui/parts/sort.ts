import type { Sort } from './table-props.ts'

/** `-size`, as the API and links have it. */
export function formatSort({ name, isDescending }: Sort): string {
  return `${isDescending ? '-' : ''}${name}`
}

export function parseSort(text: string | null, fallback: Sort): Sort {
  if (!text) return fallback
  const isDescending = text.startsWith('-')
  return { name: isDescending ? text.slice(1) : text, isDescending }
}
