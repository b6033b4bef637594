import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** All that a theme changes. */
const ofColors = ['color-contrast', 'link-in-text-block']

/** That axe finds nothing on the page as it is now, in both themes: in the second, of what that changes. */
export const expectAccessible = async (page: Page): Promise<void> => {
  await page.emulateMedia({ colorScheme: 'light' })
  await expectNothing(new AxeBuilder({ page }).withTags(rules))
  await page.emulateMedia({ colorScheme: 'dark' })
  await expectNothing(new AxeBuilder({ page }).withRules(ofColors))
}

/** The same with all rules in both. */
export const expectAccessibleInBoth = async (page: Page): Promise<void> => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expectNothing(new AxeBuilder({ page }).withTags(rules))
  }
}

const expectNothing = async (axe: AxeBuilder): Promise<void> => {
  const { violations } = await axe.analyze()
  const found = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    where: nodes.slice(0, 5).map(({ html, failureSummary }) => `${html} ${failureSummary}`),
  }))
  expect(found).toEqual([])
}
