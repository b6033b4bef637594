import { Keyboard, Menu } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { useFeedState } from '../api/use-events.ts'
import { railPages } from './pages.ts'
import { hrefOf, type Route } from './route.ts'
import { ThemeSwitch } from './theme-switch.tsx'
import { WhoIsIn } from './who-is-in.tsx'

type Props = { readonly route: Route; readonly showKeys: () => void }

/** The way to all pages; on a narrow screen behind a button. */
export function Rail({ route, showKeys }: Props) {
  const [isOpen, setOpen] = useState(false)
  // Choosing a page closes it.
  useEffect(() => setOpen(false), [route.page])
  return (
    <nav class="rail" aria-label="Pages" data-open={isOpen}>
      <div class="rail-head">
        <a class="rail-name" href={hrefOf('')}>
          Entrepot
        </a>
        <FeedMark />
        <button
          type="button"
          class="rail-button"
          aria-expanded={isOpen}
          aria-controls="rail-body"
          onClick={() => setOpen(!isOpen)}
        >
          <Menu aria-hidden="true" size={20} /> Menu
        </button>
      </div>
      <div class="rail-body" id="rail-body">
        <ul class="rail-pages">
          {railPages.map(({ name, title, icon: Icon }) => (
            <li key={name}>
              <a href={hrefOf(name)} aria-current={isUnder(route, name) ? 'page' : undefined}>
                <Icon aria-hidden="true" size={18} /> {title}
              </a>
            </li>
          ))}
        </ul>
        <div class="rail-foot">
          <WhoIsIn />
          <ThemeSwitch />
          <button type="button" class="quiet" onClick={showKeys}>
            <Keyboard aria-hidden="true" size={16} /> Keys
          </button>
        </div>
      </div>
    </nav>
  )
}

/** An image and a comparison belong to the images. */
function isUnder({ page }: Route, name: string): boolean {
  return page === name || (name === 'images' && (page === 'image' || page === 'compare'))
}

const feedWords = {
  live: ['●', 'live'],
  connecting: ['▲', 'connecting'],
} as const

/** Whether what is shown follows what happens, where it should. Its room is kept, so that nothing moves for it. */
function FeedMark() {
  const state = useFeedState()
  // No part of the page listens.
  const [shape, word] = state === 'paused' ? ['', ''] : feedWords[state]
  return (
    <span class="feed-mark" data-state={state}>
      <span aria-hidden="true">{shape}</span> {word}
    </span>
  )
}
