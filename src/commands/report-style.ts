import { chartColorsByNight, colorProperties } from './report-colors.ts'

/** Of the page that a report is. */
export const style = `:root { ${colorProperties(0)} }
@media (prefers-color-scheme: dark) {
:root { ${colorProperties(1)} }
${chartColorsByNight()}
}
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem; }
h1 { margin: 0; font-size: 1.6rem; }
h2 { margin: 0 0 .5rem; font-size: 1rem; font-weight: 600; }
.muted { margin: 0; color: var(--muted); font-size: .875rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: 1rem; margin: 1rem 0; }
.tile, .card { margin: 0 0 1rem; padding: 1rem; background: var(--card); border-radius: .5rem; }
.tile { margin: 0; }
.value { margin: 0; font-size: 1.75rem; font-variant-numeric: tabular-nums; }
.card svg { display: block; width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .5rem; border-bottom: 1px solid var(--grid); text-align: right; white-space: nowrap; }
.name { text-align: left; white-space: normal; overflow-wrap: anywhere; }
@media print { body { background: none; } .tile, .card { break-inside: avoid; } }`
