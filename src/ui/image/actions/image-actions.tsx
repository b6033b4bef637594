import './actions.css'
import { CloudDownload, Copy as CopyIcon, Eraser, Pin, PinOff, Tag, Trash2 } from 'lucide-preact'
import { type ComponentType, Fragment } from 'preact'
import { useState } from 'preact/hooks'
import type { ImageAnswer, MayAnswer } from '../../../answers/image.ts'
import { useSession } from '../../api/session.ts'
import { CopyDialog } from './copy-dialog.tsx'
import { EvictDialog } from './evict-dialog.tsx'
import { PinDialog, UnpinDialog } from './pin-dialogs.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { TagDialog } from './tag-dialog.tsx'
import { WarmDialog } from './warm-dialog.tsx'

export type Acted = {
  /** As they are pulled: `docker.io/library/node:20`. All of them pushed here, or none. */
  readonly images: readonly string[]
  readonly hosted: boolean
  readonly may: MayAnswer
  /** Where there is just one, and it is known. */
  readonly image?: ImageAnswer
  /** Whether it isn't here any more. */
  readonly isGone?: boolean
  /** Hears when a dialog is closed in which something was done. */
  readonly onDone?: () => void
}

export type DialogProps = Acted & { readonly onClose: (isDone: boolean) => void }

type Action = {
  readonly word: string
  readonly icon: typeof Pin
  readonly dialog: ComponentType<DialogProps>
  readonly isOffered: (acted: Acted) => boolean
  readonly isDanger?: boolean
}

const isOne = ({ images }: Acted) => images.length === 1

const actions: readonly Action[] = [
  {
    word: 'Pin',
    icon: Pin,
    dialog: PinDialog,
    isOffered: ({ hosted, may, image }) => !hosted && may.admin && image?.pinnedBy === undefined,
  },
  {
    word: 'Unpin',
    icon: PinOff,
    dialog: UnpinDialog,
    isOffered: ({ may, image }) => may.admin && image?.pinnedBy !== undefined,
  },
  {
    word: 'Fetch all of it',
    icon: CloudDownload,
    dialog: WarmDialog,
    isOffered: (acted) => isOne(acted) && !acted.hosted && acted.may.admin,
  },
  {
    word: 'Add a tag',
    icon: Tag,
    dialog: TagDialog,
    isOffered: (acted) => isOne(acted) && acted.hosted && acted.may.push,
  },
  {
    word: 'Copy',
    icon: CopyIcon,
    dialog: CopyDialog,
    isOffered: (acted) => isOne(acted) && acted.may.admin,
  },
  {
    word: 'Evict',
    icon: Eraser,
    dialog: EvictDialog,
    isOffered: ({ hosted, may }) => !hosted && may.admin,
    isDanger: true,
  },
  {
    word: 'Delete',
    icon: Trash2,
    dialog: RemoveDialog,
    isOffered: ({ hosted, may }) => hosted && may.delete,
    isDanger: true,
  },
]

/** What the asker may do to one image or several; each says what it would do before it does it. */
export function ImageActions(acted: Acted) {
  const [open, setOpen] = useState<Action>()
  const offered = acted.isGone ? [] : actions.filter(({ isOffered }) => isOffered(acted))
  const close = (isDone: boolean) => {
    setOpen(undefined)
    if (isDone) acted.onDone?.()
  }
  return (
    <div class="image-actions">
      {offered.map((action) => (
        <Fragment key={action.word}>
          <button type="button" onClick={() => setOpen(action)}>
            <action.icon aria-hidden="true" size={16} /> {action.word}
            {acted.images.length > 1 && ` (${acted.images.length})`}
          </button>
        </Fragment>
      ))}
      {!acted.isGone && <WhoMay acted={acted} />}
      {open && <open.dialog {...acted} onClose={close} />}
    </div>
  )
}

function WhoMay({ acted: { hosted, may } }: { readonly acted: Acted }) {
  const { data: session } = useSession()
  if (may.admin && (!hosted || may.delete)) return null
  const who = hosted
    ? deniedOfHosted(may)
    : 'Pinning, fetching, evicting and copying are for admins.'
  if (who === undefined) return null
  const hint = session?.kind === 'anonymous' && session.canLogIn ? ' Sign in to do it.' : ''
  return <span class="muted">{`${who}${hint}`}</span>
}

function deniedOfHosted({ push, delete: remove, admin }: MayAnswer): string | undefined {
  if (!push && !remove) return 'Tagging and deleting need the right to push and delete here.'
  if (!remove) return 'Deleting needs the right to delete here.'
  return admin ? undefined : 'Copying is for admins.'
}
