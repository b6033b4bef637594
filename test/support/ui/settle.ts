import type { Page } from 'playwright-core'
import { expect, vi } from 'vitest'

/** Until the page is there, and waits for nothing any more. */
export const settle = async (page: Page): Promise<void> => {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await vi.waitFor(
    async () => expect(await page.locator('.waiting, [aria-busy=true]').count()).toBe(0),
    { timeout: 10_000, interval: 20 },
  )
}
