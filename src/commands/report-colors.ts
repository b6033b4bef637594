/**
 * Colours, as they are by day and by night: told apart in each by those who see few colours, too. Charts are
 * drawn with those of the day; the page's style puts the others in their places.
 */
export const colors = {
  page: ['#F6F7F9', '#15181D'],
  card: ['#FFFFFF', '#1E2228'],
  text: ['#1B1F24', '#E8EAED'],
  muted: ['#565E69', '#A4ACB8'],
  border: ['#7A828C', '#7D8794'],
  grid: ['#E3E6EA', '#2C323A'],
  cached: ['#0B3F7A', '#CFE4FF'],
  upstream: ['#C9720A', '#E0A82E'],
  hosted: ['#7B3FF2', '#A94DF5'],
} as const satisfies Record<string, readonly [string, string]>

type ColorName = keyof typeof colors

export function byDay(name: ColorName): string {
  return colors[name][0]
}

/** Custom properties for what the page itself paints. */
export function colorProperties(at: 0 | 1): string {
  return Object.entries(colors)
    .map(([name, values]) => `--${name}: ${values[at]};`)
    .join(' ')
}

/** What is painted inside of charts, where each colour has one meaning. */
export function chartColorsByNight(): string {
  return Object.values(colors)
    .flatMap(([day, night]) =>
      (['fill', 'stroke'] as const).map(
        (property) => `svg [${property}="${day}"] { ${property}: ${night}; }`,
      ),
    )
    .join('\n')
}
