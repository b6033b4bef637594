import { useState } from 'preact/hooks'
import type { SpaceAnswer } from '../../answers/space.ts'
import { useSession } from '../api/session.ts'
import { EvictDialog } from './evict-dialog.tsx'

/** Offered to who may. */
export function EvictButton({ space }: { readonly space: SpaceAnswer | undefined }) {
  const { data: session } = useSession()
  const [isOpen, setOpen] = useState(false)
  if (!space || !session) return null
  if (!session.admin)
    return <span class="muted">Who administers the server can make room by hand.</span>
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Make room…
      </button>
      {isOpen && <EvictDialog space={space} onClose={() => setOpen(false)} />}
    </>
  )
}
