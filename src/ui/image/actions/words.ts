/** `1 image`, `2 images`. */
export function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

export function titleFor(word: string, images: readonly string[]): string {
  return images.length === 1 ? `${word} ${images[0]}` : `${word} ${countOf(images.length, 'image')}`
}
