import { useEffect } from 'preact/hooks'
import { goSearch } from './first-focus.ts'
import { railPages } from './pages.ts'
import { go, hrefOf } from './route.ts'
import { areKeysOn, isTyping } from './single-keys.ts'

/** What single keys do, wherever nothing is being typed. */
export const keyHelp: readonly (readonly [keys: string, what: string])[] = [
  ['/', 'search'],
  ...railPages.map(({ key, title }) => [`g ${key}`, `go to ${title}`] as const),
  ['j, ↓', 'the next row'],
  ['k, ↑', 'the row before'],
  ['Enter', 'open the row'],
  ['x', 'tick the row, where rows can be ticked'],
  ['Esc', 'close, or leave the search'],
  ['?', 'this list'],
]

const chordMs = 1_500

/** `/` and `g …`, on every page. */
export function usePageKeys(showHelp: () => void): void {
  useEffect(() => {
    let chordUntil = 0
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || !areKeysOn() || document.querySelector('dialog[open]')) return
      const page = railPages.find(({ key }) => key === event.key)
      const isChord = Date.now() < chordUntil
      chordUntil = event.key === 'g' ? Date.now() + chordMs : 0
      if (isChord && page) go(hrefOf(page.name))
      else if (event.key === '?') showHelp()
      else if (event.key === '/') goSearch()
      else return
      event.preventDefault()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [showHelp])
}
