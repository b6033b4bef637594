/** What a series stands for; the same everywhere (style/tokens.css). */
export type SeriesColor =
  | 'cache'
  | 'upstream'
  | 'pushed'
  | 'failed'
  | 'other'
  | 'pinned'
  | 'reclaimable'

export type ChartColors = Readonly<
  Record<SeriesColor | 'grid' | 'muted' | 'surface' | 'text', string>
>

const names = {
  cache: '--series-cache',
  upstream: '--series-upstream',
  pushed: '--series-pushed',
  failed: '--series-failed',
  other: '--series-other',
  pinned: '--series-pinned',
  reclaimable: '--series-reclaimable',
  grid: '--grid',
  muted: '--muted',
  surface: '--card',
  text: '--text',
} as const

/** As they are for that element now; a canvas doesn't know of light and dark. */
export function readColors(element: HTMLElement): ChartColors {
  const probe = document.createElement('span')
  element.append(probe)
  const read = (name: string) => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const colors = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, read(name)]))
  probe.remove()
  return colors as ChartColors
}
