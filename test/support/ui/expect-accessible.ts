import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** That axe finds nothing on the page as it is now, in both themes. */
export const expectAccessible = async (page: Page): Promise<void> => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze()
    const found = violations.map(({ id, help, nodes }) => ({
      id: `${colorScheme}: ${id}`,
      help,
      where: nodes.slice(0, 5).map(({ html, failureSummary }) => `${html} ${failureSummary}`),
    }))
    expect(found).toEqual([])
  }
}
