import { type Theme, themes, useTheme } from './theme.ts'

const words: Readonly<Record<Theme, string>> = { auto: 'Auto', light: 'Light', dark: 'Dark' }

export function ThemeSwitch() {
  const [theme, choose] = useTheme()
  return (
    <fieldset class="switch">
      <legend class="unseen">Theme</legend>
      {themes.map((each) => (
        <label key={each} data-chosen={each === theme}>
          <input
            type="radio"
            name="theme"
            value={each}
            checked={each === theme}
            onChange={() => choose(each)}
          />
          {words[each]}
        </label>
      ))}
    </fieldset>
  )
}
