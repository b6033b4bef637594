import { useState } from 'preact/hooks'

/** `auto` is what the system has. */
export const themes = ['auto', 'light', 'dark'] as const

export type Theme = (typeof themes)[number]

const key = 'entrepot-theme'

/** Before anything is drawn. */
export function applyTheme(theme: Theme = readTheme()): void {
  document.documentElement.dataset.theme = theme
}

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(readTheme)
  const choose = (chosen: Theme) => {
    // Charts listen: what is drawn on a canvas doesn't change its colours by itself.
    applyTheme(chosen)
    setTheme(chosen)
    store(chosen)
    dispatchEvent(new Event(themeChanged))
  }
  return [theme, choose]
}

/** Told to the window. */
export const themeChanged = 'entrepot-theme'

function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(key)
    return themes.find((theme) => theme === stored) ?? 'auto'
  } catch {
    return 'auto'
  }
}

/** A browser that keeps nothing forgets it, and that is all. */
function store(theme: Theme): void {
  try {
    localStorage.setItem(key, theme)
  } catch {
    return
  }
}
