// Goal: a rollout is read by its evidence and its stages, a halt is loud, and acts on it are asked about first.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { onStage } from './browser.ts';
import { problem, type Sent } from './recorded-hub.ts';
import { halted, rolling, stratumHalted, withVersion } from './worlds.ts';

const { hub, open } = onStage(() => [rolling(), stratumHalted(), halted()]);

const acted = (sent: Sent) => ({
  status: 202,
  body: {
    fix: 'FIX-128',
    version: 42,
    state: 'delivering',
    did: ['recorded'],
    undo: '',
    see: `fleetfix status FIX-128 # ${sent.key}`,
  },
});

const stages = (page: Page) => page.getByRole('table', { name: 'Stages of the rollout' });

test('the evidence is told in words and figures: against it, at stake, how often, whether it helps', async () => {
  const page = await open('/fixes/FIX-128/rollout');
  const evidence = page.getByRole('region', { name: 'Evidence and pace' });
  await evidence.waitFor();
  const text = await evidence.textContent();
  expect(text).toContain('Evidence against it: 2.1 of 100, weak: chance alone does this often');
  expect(text).toContain(
    '188 healthy control planes that began to run it not long ago, compared with 428 others',
  );
  expect(text).toContain('Harm budget used: 8.6 of 25');
  expect(text).toContain('At most 9 % of control planes');
  expect(text).toContain('4 of 5 have recovered');
});

test('burning, one-box and stages are rows with counts, states and what they are; a name opens its list', async () => {
  const page = await open('/fixes/FIX-128/rollout');
  await stages(page).waitFor();
  const rows = await stages(page).getByRole('row').allTextContents();
  expect(rows[1]).toContain('burningthe incident had broken them; they go first55');
  expect(rows[2]).toContain('one-boxthe first few, of every platform and version');
  expect(rows[3]).toContain('soaking 18 of 30m');
  await stages(page).getByRole('button', { name: 'eu-first', exact: true }).click();
  await page.getByText('Only: stage eu-first. Showing 100 of 198.').waitFor();
  expect(new URL(page.url()).search).toBe('?view=table&stage=eu-first');
});

test('a stratum that is halted alone is said loudly on every tab, with the figures and that the others go on', async () => {
  for (const tab of ['', '/rollout', '/timeline']) {
    const page = await open(`/fixes/FIX-133${tab}`);
    await page.getByRole('heading', { name: /Halted alone: azure 4\.19/ }).waitFor();
    const said = page.getByText('5 of 300 changed broke, 1 of 340 unchanged', { exact: false }).first();
    expect(await said.textContent()).toContain('The others go on.');
  }
});

test('a halt of the whole says that it is back and leads to a new plan', async () => {
  const page = await open('/fixes/FIX-134/rollout');
  await page.getByRole('heading', { name: /Halted, and everything changed is back/ }).waitFor();
  await page.getByText('enough to halt it').waitFor();
  await page.getByRole('link', { name: 'make a plan' }).click();
  await page.getByRole('heading', { name: 'Make another plan' }).waitFor();
});

test('one stage is rolled back by name, with a reason, once, and without a version', async () => {
  hub.onCommand = acted;
  const page = await open('/fixes/FIX-128/rollout');
  await stages(page)
    .getByRole('button', { name: /Roll back… stage eu-first/ })
    .click();
  const dialog = page.getByRole('dialog', { name: 'Roll back stage eu-first' });
  const button = dialog.getByRole('button', { name: 'Roll back stage eu-first' });
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel');
  await button.click({ force: true });
  expect(hub.sent).toHaveLength(0);
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('latency doubled in eu');
  await button.dblclick();
  await dialog.getByText('Recorded', { exact: false }).first().waitFor();
  expect(hub.sent).toHaveLength(1);
  expect(hub.sent[0]).toMatchObject({
    ifMatch: undefined,
    body: { do: 'rollback', stage: 'eu-first', reason: 'latency doubled in eu' },
  });
});

test('the wait of the open stage is ended by its name, bound to the version seen; a refusal is shown in its place', async () => {
  const may = {
    name: 'advance',
    label: 'End the wait of a stage',
    allowed: true,
    because: 'your roles allow it',
    whoCan: [],
  } as const;
  hub.set(withVersion(rolling(), { actions: [may] }));
  hub.onCommand = () =>
    problem(412, 'stale-version', 'The fix has moved on', 'stage rest is the open one, not eu-first');
  const page = await open('/fixes/FIX-128/rollout');
  await stages(page)
    .getByRole('button', { name: /Go on… stage eu-first/ })
    .click();
  const dialog = page.getByRole('dialog', { name: 'Go on after stage eu-first' });
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('enough seen');
  await dialog.getByRole('button', { name: 'End the wait of eu-first' }).click();
  await dialog.getByText('stage rest is the open one, not eu-first').waitFor();
  expect(hub.sent[0]).toMatchObject({
    ifMatch: '"42"',
    body: { do: 'advance', stage: 'eu-first', reason: 'enough seen' },
  });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
});

test('rolling back the whole asks for a reason and the name of the fix; Cancel and Esc send nothing', async () => {
  hub.onCommand = acted;
  const page = await open('/fixes/FIX-128');
  const ask = page.getByRole('button', { name: 'Roll back…' });
  const dialog = page.getByRole('dialog', { name: 'Roll back FIX-128' });
  await ask.click();
  await dialog.getByText('212 patched control planes will be exposed again.', { exact: false }).waitFor();
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('worse than before');
  await dialog.getByRole('button', { name: 'Roll back all of FIX-128' }).click({ force: true });
  await dialog.getByText('Type FIX-128 to make sure it is the one you mean.').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(hub.sent).toHaveLength(0);
  await ask.click();
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('worse than before');
  await dialog.getByLabel('Type FIX-128 to confirm').fill('FIX-128');
  await dialog.getByRole('button', { name: 'Roll back all of FIX-128' }).click();
  await dialog.getByText('Recorded', { exact: false }).first().waitFor();
  expect(hub.sent.map(({ body }) => body)).toEqual([{ do: 'rollback', reason: 'worse than before' }]);
});
