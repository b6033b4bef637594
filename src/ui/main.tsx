import './style/tokens.css'
import './style/base.css'
import './style/frame.css'
import './style/parts.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { applyTheme } from './frame/theme.ts'

applyTheme()
const root = document.getElementById('app')
if (!root) throw new Error('the page has no place for the app')
render(<App />, root)
