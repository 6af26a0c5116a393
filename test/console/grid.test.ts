// Goal: the grid of a rollout is read and walked by keyboard and screen reader, lives, and stays light with 5,000 cells.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { onStage } from './browser.ts';
import { large, paused, rolling, withCell } from './worlds.ts';

const { hub, open } = onStage(() => [rolling(), large()]);

const grid = (page: Page) => page.getByRole('grid', { name: /by stage and management cluster/ });
/** What a screen reader says of the element that has the focus. */
const focused = (page: Page) =>
  page.evaluate<string>(`
    document.activeElement.getAttribute('aria-label')
      ?? document.activeElement.querySelector('.pf-v6-screen-reader')?.textContent ?? ''`);

test('every control plane of the plan is a cell that says its name, place and state', async () => {
  const page = await open('/fixes/FIX-128/rollout');
  await grid(page).waitFor();
  expect(await grid(page).getByRole('gridcell').count()).toBe(640);
  const failed = page.locator('[data-name="cp-00d4"]');
  expect(await failed.getAttribute('aria-label')).toBe('cp-00d4, mc-ap-9, stage eu-first, failed');
  expect(await failed.textContent()).toContain('✖');
  const clusters = await grid(page).getByRole('rowheader').all();
  expect(await clusters[0]!.textContent()).toContain('Burning passed · 5 of 5 patched');
});

test('a report that arrives changes its cell without a reload, and is announced', async () => {
  const page = await open('/fixes/FIX-128/rollout');
  const cell = page.locator('[data-name="cp-0100"]');
  await cell.waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  expect(await cell.getAttribute('aria-label')).toContain('waiting');
  await page.evaluate('window.stillHere = true');
  hub.set(withCell(rolling(), 'cp-0100', 'starting'));
  await page.getByText('1 control plane changed: 1 starting.').waitFor({ state: 'attached' });
  expect(await cell.getAttribute('aria-label')).toContain('starting');
  expect(await page.evaluate('window.stillHere')).toBe(true);
});

test('the grid is one tab stop; arrows, Home and End move in it', async () => {
  const page = await open('/fixes/FIX-128/rollout');
  await grid(page).waitFor();
  expect(await grid(page).locator('[tabindex="0"]').count()).toBe(1);
  await grid(page).locator('[tabindex="0"]').focus();
  expect(await focused(page)).toBe(`${await first(page)}, burning, patched`);
  await page.keyboard.press('ArrowRight');
  const second = await focused(page);
  expect(second).not.toContain(await first(page));
  await page.keyboard.press('ArrowLeft');
  expect(await focused(page)).toContain(await first(page));
  await page.keyboard.press('ArrowDown');
  expect(await focused(page)).toContain('one-box');
  await page.keyboard.press('ArrowUp');
  expect(await focused(page)).toContain('burning');
  await page.keyboard.press('End');
  expect(await focused(page)).toContain('stage rest');
  await page.keyboard.press('Home');
  expect(await focused(page)).toContain(await first(page));
  expect(await grid(page).locator('[tabindex="0"]').count()).toBe(1);
});

/** Name and cluster of the first cell as the page orders them. */
async function first(page: Page): Promise<string> {
  const label = await grid(page).getByRole('gridcell').first().getAttribute('aria-label');
  return label!.split(', ').slice(0, 2).join(', ');
}

test('f goes from exception to exception; Enter opens why, Esc goes back to the cell', async () => {
  const page = await open('/fixes/FIX-128/rollout');
  await grid(page).locator('[tabindex="0"]').focus();
  const seen = new Set<string>();
  for (let press = 0; press < 4; press++) {
    await page.keyboard.press('f');
    seen.add((await focused(page)).split(', ')[0]!);
  }
  expect(seen).toEqual(new Set(['cp-00d4', 'cp-00d5', 'cp-00d6', 'cp-00d7']));
  const stood = await focused(page);
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary', { name: stood.split(', ')[0]! });
  await panel.getByText('agent on mc-eu-3 has not reported for 31m (limit 10m)').waitFor();
  expect(new URL(page.url()).searchParams.get('target')).toBe(stood.split(', ')[0]);
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  await expect.poll(() => focused(page)).toBe(stood);
});

test('t shows the same control planes as a table, filtered by the address, and goes back', async () => {
  const page = await open('/fixes/FIX-128/rollout');
  await grid(page).waitFor();
  await page.keyboard.press('t');
  await page.getByText('All control planes of the plan. Showing 100 of 640.').waitFor();
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText('Showing 200 of 640.').waitFor();
  await page.keyboard.press('t');
  await grid(page).waitFor();
  await page.getByRole('button', { name: '1 failed: list them' }).click();
  await page.getByText('Only: failed. Showing 1 of 1.').waitFor();
  expect(new URL(page.url()).search).toBe('?view=table&state=failed');
  await page.reload();
  await page.getByText('Only: failed. Showing 1 of 1.').waitFor();
});

test('in a paused fix the waiting targets of a paused stage are shown as paused', async () => {
  const world = paused(rolling());
  const rows = world.grid.rows.map((row) => (row.name === 'rest' ? { ...row, state: 'paused' } : row));
  hub.reset([{ ...world, grid: { ...world.grid, rows } }]);
  const page = await open('/fixes/FIX-128/rollout');
  await page.getByRole('button', { name: '425 paused: list them' }).click();
  await page.getByText('Only: paused.', { exact: false }).waitFor();
  expect(await page.getByText('Showing 100 of 425.', { exact: false }).count()).toBe(1);
});

test('5,000 cells are drawn as blocks with counts, few elements, and walked the same way', async () => {
  const page = await open('/fixes/FIX-500/rollout');
  await grid(page).waitFor();
  const elements = await grid(page).locator('*').count();
  expect(elements).toBeLessThan(2_500);
  const blocks = large().grid.rows.reduce(
    (sum, { cells }) => sum + new Set(cells.map(([, cluster]) => cluster)).size,
    0,
  );
  expect(await grid(page).getByRole('gridcell').count()).toBe(blocks);
  await grid(page).locator('[tabindex="0"]').focus();
  await page.keyboard.press('f');
  expect(await focused(page)).toMatch(/^stage all, mc-[a-z]{2}-\d+, \d+ of \d+ patched, 1 (failed|silent)/);
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary');
  await panel.getByRole('button', { name: /^cp-/ }).first().click();
  await panel.getByText('fleetfix why FIX-500 --target', { exact: false }).waitFor();
});
