/** The little of Apache ECharts that is used here. */
interface ECharts {
  readonly init: (
    element: null,
    theme: null,
    options: { renderer: 'svg'; ssr: true; width: number; height: number },
  ) => Chart
}

interface Chart {
  readonly setOption: (option: object) => void
  readonly renderToSVGString: () => string
  readonly dispose: () => void
}

export interface ChartSize {
  readonly width: number
  readonly height: number
}

// In a variable: the rest of the bench runs, and is checked, without it too.
const packageName: string = 'echarts'

/** Draws a chart without a browser and returns it as SVG. Throws where the library isn't installed. */
export const drawSvg = async (option: object, size: ChartSize): Promise<string> => {
  const { init } = (await import(packageName)) as ECharts
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size })
  try {
    chart.setOption(option)
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}
