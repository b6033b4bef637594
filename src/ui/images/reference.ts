/** By which clients pull it from here: `mirror.example:5000/docker.io/library/alpine:3.20`. */
export function referenceTo(name: string, tag = ''): string {
  return `${location.host}/${name}${tag && `:${tag}`}`
}
