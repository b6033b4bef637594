import { Check, Copy as CopyIcon } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'

type Props = {
  readonly text: string
  /** What it copies, for who doesn't see where it stands. */
  readonly label: string
}

const shownMs = 2_000

/** Puts a text where it can be pasted, also on plain HTTP. */
export function Copy({ text, label }: Props) {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>()
  useEffect(() => {
    if (outcome === undefined) return undefined
    const timer = setTimeout(() => setOutcome(undefined), shownMs)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = () => {
    copyText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    )
  }
  return (
    <span class="copy">
      <button
        type="button"
        class="icon-button"
        onClick={copy}
        aria-label={`Copy ${label}`}
        title={`Copy ${label}`}
      >
        {outcome === 'copied' ? (
          <Check aria-hidden="true" size={16} />
        ) : (
          <CopyIcon aria-hidden="true" size={16} />
        )}
      </button>
      <span class="copy-outcome" role="status">
        {outcome === 'copied' && 'Copied'}
        {outcome === 'failed' && 'Select and copy it by hand'}
      </span>
    </span>
  )
}

/** Browsers have a clipboard for pages of https:// alone; the old way works on all. */
export async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'unseen'
  // What is shown in front of a page lets nothing behind it be selected.
  const place = document.querySelector('dialog[open]') ?? document.body
  const focused = document.activeElement
  place.append(area)
  area.select()
  const isCopied = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus()
  if (!isCopied) throw new Error('the browser copies nothing')
}
