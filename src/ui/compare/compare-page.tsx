import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'

export function ComparePage(_: PageProps) {
  return <PageHead title="Compare" />
}
