import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'

export function SpacePage(_: PageProps) {
  return <PageHead title="Space" />
}
