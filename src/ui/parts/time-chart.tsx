import 'uplot/dist/uPlot.min.css'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { themeChanged } from '../frame/theme.ts'
import { readColors } from './chart-colors.ts'
import type { ChartData } from './chart-data.ts'
import { ChartTable } from './chart-table.tsx'
import { ChartTip } from './chart-tip.tsx'
import { plotOptions, toPlotData } from './plot.ts'

type Props = ChartData & {
  readonly title: string
  /** What it says, in a sentence. */
  readonly summary: string
  readonly height?: number
  /** Hears of the times that somebody has chosen, by dragging or by keys, in milliseconds since 1970. */
  readonly onRange?: (from: number, until: number) => void
}

/** The course of something over time, also told as a table. */
export function TimeChart({ title, summary, height = 220, onRange, ...data }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const [index, setIndex] = useState<number>()
  const [anchor, setAnchor] = useState<number>()
  const id = useId()
  const select = onRange && ((from: number, until: number) => onRange(from * 1000, until * 1000))
  usePlot(place, { data, height, onCursor: setIndex, onRange: select })
  const last = data.times.length - 1
  const press = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (step !== undefined) {
      const from = index ?? (step > 0 ? -1 : last + 1)
      if (!event.shiftKey) setAnchor(undefined)
      else setAnchor(anchor ?? from)
      setIndex(Math.max(0, Math.min(last, from + step)))
    } else if (event.key === 'Enter' && index !== undefined && onRange) {
      const [from = 0, until = 0] = [index, anchor ?? index].sort((a, b) => a - b)
      onRange(data.times[from] ?? 0, (data.times[until] ?? 0) + data.stepMs)
    } else return
    event.preventDefault()
  }
  return (
    <figure class="chart" aria-labelledby={id}>
      <figcaption id={id} class="unseen">
        {title}. {summary}
      </figcaption>
      <ChartTip data={data} index={index} anchor={anchor} />
      <div
        ref={place}
        class="chart-plot"
        style={{ height: `${height}px` }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys go through its values
        tabIndex={0}
        role="application"
        aria-roledescription="chart"
        aria-label={keyHint(title, onRange !== undefined)}
        onKeyDown={press}
        onBlur={() => setIndex(undefined)}
      />
      <Legend series={data.series} kind={data.kind} />
      <ChartTable title={title} data={data} />
    </figure>
  )
}

function keyHint(title: string, canChoose: boolean): string {
  const choosing = canChoose ? ', Shift with them marks a range, Enter shows it' : ''
  return `${title}: arrow keys go through the values${choosing}`
}

function Legend({ series, kind }: Pick<ChartData, 'series' | 'kind'>) {
  return (
    <ul class="legend" aria-hidden="true">
      {series.map(({ name, color, isDashed }) => (
        <li key={name}>
          <span
            class="swatch"
            data-color={color}
            data-line={kind === 'lines'}
            data-dashed={isDashed}
          />{' '}
          {name}
        </li>
      ))}
    </ul>
  )
}

type Plotted = {
  readonly data: ChartData
  readonly height: number
  readonly onCursor: (index: number | undefined) => void
  readonly onRange: ((from: number, until: number) => void) | undefined
}

/** Drawn anew when what it shows changes, or its room, or the theme. */
function usePlot(place: { readonly current: HTMLDivElement | null }, plotted: Plotted): void {
  const { data, height } = plotted
  const latest = useRef(plotted)
  latest.current = plotted
  const [drawn, setDrawn] = useState(0)
  // What is drawn, as text: whoever shows it makes its lists anew each time.
  const shown = JSON.stringify([
    data.times,
    data.stepMs,
    data.series,
    data.kind,
    data.limits,
    data.marks,
    data.most,
    height,
  ])
  useEffect(() => {
    const redraw = () => setDrawn((count) => count + 1)
    const preferred = matchMedia('(prefers-color-scheme: dark)')
    preferred.addEventListener('change', redraw)
    addEventListener(themeChanged, redraw)
    return () => {
      preferred.removeEventListener('change', redraw)
      removeEventListener(themeChanged, redraw)
    }
  }, [])
  // `drawn` stands for the colours, `shown` for the data.
  useEffect(() => {
    const element = place.current
    if (!element) return undefined
    const { data: current, ...settings } = latest.current
    const colors = readColors(element)
    const onCursor = (index: number | undefined) => latest.current.onCursor(index)
    const options = { ...current, ...settings, colors, onCursor, width: element.clientWidth }
    const plot = new uPlot(plotOptions(options), toPlotData(current), element)
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: settings.height }),
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [place, shown, drawn])
}
