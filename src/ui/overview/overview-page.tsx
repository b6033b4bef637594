import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'

export function OverviewPage(_: PageProps) {
  return <PageHead title="Overview" />
}
