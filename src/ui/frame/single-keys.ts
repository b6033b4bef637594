const storeKey = 'entrepot-keys'

/** Single keys can be switched off (WCAG 2.1.4): speech input and cats press them too. */
export function areKeysOn(): boolean {
  try {
    return localStorage.getItem(storeKey) !== 'off'
  } catch {
    return true
  }
}

export function switchKeys(isOn: boolean): void {
  try {
    localStorage.setItem(storeKey, isOn ? 'on' : 'off')
  } catch {
    return
  }
}

/** Whether a key goes into what is being typed, or is part of the browser's own command. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true
  const { target } = event
  // What is ticked isn't typed into.
  if (target instanceof HTMLInputElement && /^(checkbox|radio)$/.test(target.type)) return false
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName))
  )
}
