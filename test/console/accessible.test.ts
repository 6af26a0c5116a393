// Goal: every page can be used by everybody and on a phone: axe finds nothing serious, nothing scrolls sideways.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { onStage } from './browser.ts';
import { closer, halted, handedOff, inConflict, large, rolling, slowBurn, stratumHalted } from './worlds.ts';

const { open } = onStage(() => [
  rolling(),
  handedOff(),
  large(),
  inConflict(),
  stratumHalted(),
  halted(),
  slowBurn(),
  closer(),
]);
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Violation = {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { target: string[] }[];
};

/** What axe finds serious or worse, as lines: rule and first place. */
async function seriousIn(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate<Violation[]>(
    `axe.run({ resultTypes: ["violations"]${rules ? `, runOnly: ${JSON.stringify(rules)}` : ''} }).then((result) => result.violations)`,
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]!.target.join(' ')} (${nodes.length})`);
}

/** What another theme may change; the rest of a page is the same in both. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

const PAGES = [
  { name: 'Now', path: '/', ready: 'FIX-131' },
  { name: 'Fix', path: '/fixes/FIX-128', ready: 'Release lines' },
  { name: 'Fix that needs someone', path: '/fixes/FIX-131', ready: 'Release lines' },
  { name: 'Fix that may do harm slowly', path: '/fixes/FIX-135', ready: 'Release lines' },
  { name: 'Fix that is to be closed', path: '/fixes/FIX-136', ready: 'Before it is closed' },
  { name: 'Change', path: '/fixes/FIX-128/change', ready: 'Against what is deployed' },
  { name: 'Change in conflict', path: '/fixes/FIX-140/change', ready: 'What could be done' },
  { name: 'Hand-off', path: '/fixes/FIX-128/hand-off', ready: 'Who to ask' },
  { name: 'Plan', path: '/fixes/FIX-131/plan', ready: 'If the fix is good' },
  { name: 'Rollout with a part halted', path: '/fixes/FIX-133/rollout', ready: '40 exceptions' },
  { name: 'Rollout that was halted', path: '/fixes/FIX-134/rollout', ready: '50 exceptions' },
  { name: 'Rollout', path: '/fixes/FIX-128/rollout', ready: '4 exceptions' },
  {
    name: 'Rollout with a control plane open',
    path: '/fixes/FIX-128/rollout?target=cp-00d5',
    ready: 'not because',
  },
  { name: 'Rollout of 5,000', path: '/fixes/FIX-500/rollout', ready: '20 exceptions' },
  {
    name: 'Rollout as a table',
    path: '/fixes/FIX-128/rollout?view=table&state=failed',
    ready: 'Only: failed',
  },
  { name: 'Timeline', path: '/fixes/FIX-128/timeline', ready: '3 entries' },
  { name: 'Who is on duty', path: '/roster', ready: 'primary.ics' },
  { name: 'Declare', path: '/declare', ready: 'It needs a title.' },
  { name: 'Log in', path: '/login', ready: 'Log in to Fleetfix' },
  { name: 'No such fix', path: '/fixes/FIX-999', ready: 'No such fix' },
] as const;

const shown = (page: Page, text: string) => page.getByText(text, { exact: false }).first().waitFor();

/** What scrolls sideways, by its class. */
const sideways = (page: Page) =>
  page.evaluate<string[]>(`
    [...document.querySelectorAll('html, body, body *')]
      .filter((e) => e.scrollWidth > e.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX))
      .map((e) => e.className)
      .concat(document.documentElement.scrollWidth > innerWidth ? ['the page'] : [])`);

test.each(PAGES)(
  '$name fits 360 pixels, and axe finds nothing serious on it at full size, in light and in dark',
  async ({ path, ready }) => {
    const page = await open(path, { reducedMotion: 'reduce', viewport: { width: 360, height: 740 } });
    await shown(page, ready);
    expect(await sideways(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 720 });
    await shown(page, ready);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const root = colorScheme === 'dark' ? 'html.pf-v6-theme-dark' : 'html:not(.pf-v6-theme-dark)';
      await page.locator(root).waitFor();
      // Colours that are still on their way to the other theme are neither.
      await page.evaluate(
        'Promise.allSettled(document.getAnimations().map((a) => a.finished)).then(() => 0)',
      );
      const rules = colorScheme === 'dark' ? OF_COLOURS : undefined;
      expect(await seriousIn(page, rules), colorScheme).toEqual([]);
    }
  },
);

test.each([
  ['/fixes/FIX-128', 'Roll back…'],
  ['/fixes/FIX-136', 'Show… advisory'],
])(
  'a dialog of %s that asks before it acts has nothing serious, and fits 360 pixels',
  async (path, button) => {
    const page = await open(path, {
      reducedMotion: 'reduce',
      viewport: { width: 360, height: 740 },
    });
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.getByRole('dialog').waitFor();
    expect(await seriousIn(page)).toEqual([]);
    const wide = await page.getByRole('dialog').evaluate((e) => e.scrollWidth > e.clientWidth + 1);
    expect(wide).toBe(false);
  },
);

test('at 360 pixels the brake stays in sight when the page is scrolled', async () => {
  const page = await open('/fixes/FIX-128', { viewport: { width: 360, height: 740 } });
  await shown(page, 'What can be done');
  await page.getByText('What can be done').first().scrollIntoViewIfNeeded();
  const box = await page.getByRole('button', { name: 'Pause', exact: true }).boundingBox();
  expect(box!.y).toBeGreaterThanOrEqual(0);
  expect(box!.y + box!.height).toBeLessThan(200);
});

test('who asked for less motion sees none', async () => {
  const page = await open('/fixes/FIX-128/rollout', { reducedMotion: 'reduce' });
  await shown(page, '4 exceptions');
  const moving = await page.evaluate<number>(`
    const cell = document.querySelector('.ff-cell');
    cell.classList.add('ff-changed');
    cell.getAnimations().length`);
  expect(moving).toBe(0);
});
