import { useEffect, useRef, useState } from 'preact/hooks'
import { changeQuery } from '../frame/route.ts'

type Props = {
  readonly label: string
  /** What can be searched for. */
  readonly hint: string
  /** What the link says. */
  readonly value: string
}

const settledMs = 200

/** Searches as one types; `/` leads here, and Esc clears it, then leaves. */
export function SearchBox({ label, hint, value }: Props) {
  const [typed, setTyped] = useState(value)
  const last = useRef(value)
  useEffect(() => {
    // The link was changed by something else.
    if (value !== last.current) setTyped(value)
    last.current = value
  }, [value])
  useEffect(() => {
    if (typed === last.current) return undefined
    const timer = setTimeout(() => {
      last.current = typed
      changeQuery({ search: typed }, { replace: true })
    }, settledMs)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <input
      type="search"
      class="search-box"
      aria-label={label}
      placeholder={hint}
      maxLength={200}
      autoComplete="off"
      spellcheck={false}
      value={typed}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        if (typed === '') event.currentTarget.blur()
        setTyped('')
      }}
    />
  )
}
