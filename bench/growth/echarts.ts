import type { EChartsOption } from 'echarts'

export interface ChartSize {
  readonly width: number
  readonly height: number
}

/** Draws a chart without a browser and returns it as SVG. */
export const drawSvg = async (option: EChartsOption, size: ChartSize): Promise<string> => {
  // Large, and needed only where there is something to draw.
  const { init } = await import('echarts')
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size })
  try {
    chart.setOption(option)
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}
