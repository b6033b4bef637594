import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

export type ChartSize = { readonly width: number; readonly height: number }

use([BarChart, LineChart, GridComponent, LegendComponent, SVGRenderer])

/**
 * Draws a chart without a browser, as SVG that stands in a page and grows with it. What it would do under a
 * pointer is left out: it needs code in the page.
 */
export function drawSvg(option: EChartsCoreOption, { width, height }: ChartSize): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption(option)
    return chart.renderToSVGString().replace(/<style[^>]*>[\s\S]*?<\/style>/g, '')
  } finally {
    chart.dispose()
  }
}
