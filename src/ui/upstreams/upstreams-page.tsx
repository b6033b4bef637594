import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'

export function UpstreamsPage(_: PageProps) {
  return <PageHead title="Upstreams" />
}
