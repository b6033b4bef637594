import type { SeriesColor } from './chart-colors.ts'

export type ChartSeries = {
  readonly name: string
  readonly color: SeriesColor
  /** One for each time; null where it isn't known. */
  readonly values: readonly (number | null)[]
  readonly isDashed?: boolean
}

export type ChartData = {
  /** When each value's time began, in milliseconds since 1970. */
  readonly times: readonly number[]
  /** How long each lasts. */
  readonly stepMs: number
  /** At most five. Bars and areas are stacked, the first at the bottom. */
  readonly series: readonly ChartSeries[]
  readonly kind: 'bars' | 'lines' | 'area'
  readonly format: (value: number) => string
  /** Dashed lines across. */
  readonly limits?: readonly { readonly name: string; readonly value: number }[]
  /** What happened at a time, as triangles below; in milliseconds since 1970. */
  readonly marks?: readonly { readonly name: string; readonly time: number }[]
  /** Up to where it goes, also where no value is as large. */
  readonly most?: number
}
