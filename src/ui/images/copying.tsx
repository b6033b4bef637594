import { useEffect, useState } from 'preact/hooks'
import { copyText } from '../parts/copy.tsx'

/** Undefined while nothing was copied lately. */
type Copied = { readonly text: string; readonly isDone: boolean } | undefined

const shownMs = 3_000

/** One for a whole list: a button in each of its rows that knew how it went would cost too much. */
export function useCopying(): {
  readonly copied: Copied
  readonly copy: (text: string) => void
} {
  const [copied, setCopied] = useState<Copied>()
  useEffect(() => {
    if (copied === undefined) return undefined
    const timer = setTimeout(() => setCopied(undefined), shownMs)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = (text: string) => {
    copyText(text).then(
      () => setCopied({ text, isDone: true }),
      () => setCopied({ text, isDone: false }),
    )
  }
  return { copied, copy }
}

/** In front of the page's lower edge, so that nothing moves. */
export function CopyOutcome({ copied }: { readonly copied: Copied }) {
  return (
    <p class="copy-note" role="status">
      {copied && (copied.isDone ? `Copied ${copied.text}` : `Copy it by hand: ${copied.text}`)}
    </p>
  )
}

type ButtonProps = {
  /** What is copied. */
  readonly text: string
  /** What it is: `the digest 0123456789ab`. */
  readonly label: string
  readonly onCopy: (text: string) => void
}

export function CopyButton({ text, label, onCopy }: ButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      title={`Copy ${text}`}
      aria-label={`Copy ${label}`}
      onClick={() => onCopy(text)}
    >
      <svg aria-hidden="true" class="copy-icon" viewBox="0 0 24 24">
        <path d="M8 8h13v13H8zM4 16H3V3h13v1" />
      </svg>
    </button>
  )
}
