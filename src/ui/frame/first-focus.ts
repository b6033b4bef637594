import { go, hrefOf } from './route.ts'

const searchBox = 'main input[type=search]'
let isSearchWanted = false

/** That of the page; where it has none, all images are searched. */
export function goSearch(): void {
  const search = document.querySelector<HTMLInputElement>(searchBox)
  search?.focus()
  search?.select()
  if (search) return
  isSearchWanted = true
  go(hrefOf('images'))
}

/** Where the keyboard goes on once a page is shown: what had the focus before is no longer there. */
export function focusPage(): void {
  const wanted = isSearchWanted ? searchBox : 'main h1'
  isSearchWanted = false
  document.querySelector<HTMLElement>(wanted)?.focus({ preventScroll: true })
}
