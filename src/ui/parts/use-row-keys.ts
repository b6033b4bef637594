import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'
import { areKeysOn, isTyping } from '../frame/single-keys.ts'

const stepOf: Readonly<Record<string, number>> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }

/**
 * j, k and the arrows go from row to row of the table; arrows only within it, for they scroll the page. x ticks the
 * row.
 */
export function useRowKeys(body: RefObject<HTMLElement>, scrollTo?: (index: number) => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const step = stepOf[event.key]
      const rows = body.current
      if (event.key === 'x' && rows && areKeysOn() && !isTyping(event)) tick(rows)
      if (step === undefined || !rows || isTyping(event) || isElsewhere(rows)) return
      const from = indexOf(document.activeElement?.closest('tr') ?? undefined, rows)
      const isArrow = event.key.startsWith('Arrow')
      if (isArrow ? from === undefined : !areKeysOn()) return
      event.preventDefault()
      focusRow(rows, from === undefined ? firstSeen(rows) : from + step, scrollTo)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [body, scrollTo])
}

/** The row that has the focus, where rows can be ticked. */
function tick(rows: HTMLElement): void {
  const row = document.activeElement?.closest('tr')
  if (row && rows.contains(row)) row.querySelector<HTMLElement>('input[type=checkbox]')?.click()
}

/** A dialog is in front, or another table comes first. */
function isElsewhere(rows: HTMLElement): boolean {
  if (document.querySelector('dialog[open]')) return true
  if (rows.contains(document.activeElement)) return false
  const own = document.activeElement?.closest('tbody')
  return own !== null && own !== undefined ? true : rows !== document.querySelector('main tbody')
}

function indexOf(row: HTMLElement | undefined, rows: HTMLElement): number | undefined {
  return row && rows.contains(row) ? Number(row.dataset.index) : undefined
}

function firstSeen(rows: HTMLElement): number {
  const all = [...rows.querySelectorAll<HTMLElement>('tr[data-index]')]
  const seen = all.find((row) => row.getBoundingClientRect().top >= 0)
  return Number(seen?.dataset.index ?? 0)
}

/** One that isn't drawn yet is as soon as it is scrolled to. */
function focusRow(rows: HTMLElement, index: number, scrollTo?: (index: number) => void): void {
  if (focusDrawn(rows, index)) return
  scrollTo?.(index)
  requestAnimationFrame(() => focusDrawn(rows, index))
}

function focusDrawn(rows: HTMLElement, index: number): boolean {
  const row = rows.querySelector(`tr[data-index="${index}"]`)
  const target =
    row?.querySelector<HTMLElement>('a') ?? row?.querySelector<HTMLElement>('button, input')
  target?.focus()
  target?.scrollIntoView({ block: 'nearest' })
  return target !== null && target !== undefined
}
