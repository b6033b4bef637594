import { useCallback, useState } from 'preact/hooks'
import { useBeginnings } from './api/session.ts'
import { KeyList } from './frame/key-list.tsx'
import { usePageKeys } from './frame/keys.ts'
import { Rail } from './frame/rail.tsx'
import { useRoute } from './frame/route.ts'
import { ShownPage } from './frame/shown-page.tsx'

/** The frame around all pages. */
export function App() {
  const route = useRoute()
  const beginnings = useBeginnings()
  const [hasKeys, setKeys] = useState(false)
  const showKeys = useCallback(() => setKeys(true), [])
  usePageKeys(showKeys)
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={skipToContent}>
        Skip to content
      </button>
      <Rail route={route} showKeys={showKeys} />
      <main id="content">
        <ShownPage key={beginnings} route={route} />
      </main>
      {hasKeys && <KeyList onClose={() => setKeys(false)} />}
    </div>
  )
}

/** A link to it would change the address, which says what is shown. */
function skipToContent(): void {
  document.querySelector<HTMLElement>('main h1')?.focus()
}
