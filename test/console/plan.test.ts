// Goal: a plan is read whole before anyone says yes, made with the budget a person chose, and acted on by its id.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { PROFILES } from '../../console/src/budgets.ts';
import { PROFILES as IN_CORE } from '../../src/core/pace/pace.ts';
import { onStage } from './browser.ts';
import { problem, type Sent } from './recorded-hub.ts';
import { halted, needsApproval, rolling, withVersion } from './worlds.ts';

const { hub, open } = onStage(() => [rolling(), needsApproval(), halted()]);

const may = (name: 'approve' | 'decline' | 'start') =>
  ({ name, label: name, allowed: true, because: 'your roles allow it', whoCan: [] }) as const;
const acted = (sent: Sent) => ({
  status: 202,
  body: { fix: 'FIX-131', version: 23, state: 'proven', did: ['recorded'], undo: '', see: sent.path },
});

test('the names of budgets mean what the hub means by them', () => {
  expect(Object.fromEntries(PROFILES.map(({ name, budget }) => [name, budget]))).toEqual(IN_CORE);
});

test('a plan says what changes, the budget against what the incident asks, who goes first, and the way back', async () => {
  const page = await open('/fixes/FIX-131/plan');
  const plan = page.getByRole('region', { name: 'Plan P-0badcafe' });
  await plan.waitFor();
  const text = await plan.textContent();
  for (const said of [
    'Needs 4 approvals by people with the role approver, not by mrossi (author): 1 given. Given by kato.',
    '665 control planes; 640 in this plan, 25 not; 21 more have it by their release',
    '9 frozen, until 2026-11-22 06:50Z',
    '100 (urgent)',
    'The incident asks for 25; this is more, so one more person must approve for every doubling of it.',
    '5 of 640 show the symptom now, about 2 more every hour.',
    '12 control planes the first few that are healthy',
    'with 30 control planes the plan does not touch',
    'at most 300 starts in any hour',
    'evidence against it of 100 or more halts and rolls back',
    'about 22:35Z if started now',
  ])
    expect(text).toContain(said);
  const stages = await plan
    .getByRole('table', { name: 'Stages of the plan' })
    .getByRole('row')
    .allTextContents();
  expect(stages.slice(1)).toEqual([
    "eu-first21030m of soak, then a person's word",
    'rest430nothing of its own: the evidence decides',
  ]);
});

test('approving names the plan and the version seen', async () => {
  hub.onCommand = acted;
  const page = await open('/fixes/FIX-131/plan');
  await page.getByRole('button', { name: 'Approve this plan…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve P-0badcafe' }).click();
  await page.getByRole('dialog').getByText('Recorded', { exact: false }).first().waitFor();
  expect(hub.sent).toHaveLength(1);
  expect(hub.sent[0]).toMatchObject({ ifMatch: '"22"', body: { do: 'approve', plan: 'P-0badcafe' } });
});

test('after a halt a start is not possible without a reason', async () => {
  hub.onCommand = acted;
  hub.set(withVersion(halted(), { actions: [may('start')] }));
  const page = await open('/fixes/FIX-134/plan');
  await page.getByRole('button', { name: 'Start this plan…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('A rollout of this fix was halted: say why it is started again.').waitFor();
  const start = dialog.getByRole('button', { name: /^Start P-/ });
  await start.click({ force: true });
  await dialog.getByText('A reason is needed.').waitFor();
  expect(hub.sent).toHaveLength(0);
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('the probe was wrong');
  await start.click();
  await dialog.getByText('Recorded', { exact: false }).first().waitFor();
  expect(hub.sent[0]!.body).toEqual({ do: 'start', plan: 'P-7f3a91c0', reason: 'the probe was wrong' });
});

test('a plan that may not be used any more says why, and can only be declined', async () => {
  const world = withVersion(needsApproval(), { actions: [may('approve'), may('decline'), may('start')] });
  hub.set({ ...world, plan: { ...world.plan, stale: 'it was valid until 20:40Z' } });
  const page = await open('/fixes/FIX-131/plan');
  await page.getByText('It may not be used any more: it was valid until 20:40Z.', { exact: false }).waitFor();
  const disabled = async (name: string) => page.getByRole('button', { name }).getAttribute('aria-disabled');
  expect(await disabled('Approve this plan…')).toBe('true');
  expect(await disabled('Start this plan…')).toBe('true');
  expect(await disabled('Decline this plan…')).not.toBe('true');
});

test('a plan is made with the budget that was chosen, and is then the one that is shown', async () => {
  const plan = { ...needsApproval().plan, id: 'P-00000040' as const, harmBudget: 40 };
  hub.onCommand = () => {
    hub.set({ ...needsApproval(), plan });
    return { status: 200, body: plan };
  };
  const page = await open('/fixes/FIX-131/plan');
  await page.getByLabel('Harm budget').selectOption('Another number');
  const make = page.getByRole('button', { name: 'Make the plan' });
  await page.getByLabel(/^Control planes, 1 to/).fill('none');
  await make.click({ force: true });
  expect(hub.sent).toHaveLength(0);
  await page.getByLabel(/^Control planes, 1 to/).fill('40');
  expect(await page.getByText('fleetfix plan FIX-131 --budget 40').count()).toBe(1);
  await make.click();
  await page.getByRole('heading', { name: 'Plan P-00000040' }).waitFor();
  expect(hub.sent[0]).toMatchObject({ path: '/api/fixes/FIX-131/plan', body: { budget: 40 } });
  expect(new URL(page.url()).search).toBe('?id=P-00000040');
});

const forecastOf = (page: Page) => page.getByRole('region', { name: 'Forecast' });
const fails = () => problem(503, 'storage-down', 'Storage is down', 'the fleet cannot be read');

test('what is to be expected is shown when it has been played: the good fix in a sentence, the bad ones in a table', async () => {
  const page = await open('/fixes/FIX-131/plan');
  const bad = forecastOf(page).getByRole('table', { name: 'If the fix is bad: how many it breaks' });
  await bad.waitFor();
  const text = await forecastOf(page).textContent();
  for (const said of [
    'half in 52m, 95 % in 1h14m, all in 1h21m. Chance halted it in none of the runs.',
    'Played for 640 control planes, 5 of them burning, at a harm budget of 100.',
    'The guarantee is on the average over many such rollouts; a single one may break more.',
  ])
    expect(text).toContain(said);
  const row = bad.getByRole('row', { name: /^5 % of those that run it/ });
  expect(await row.getByRole('cell').allTextContents()).toEqual([
    '5 % of those that run it',
    '10m',
    '9.4',
    '14',
    '40',
    '2.1',
  ]);
});

test('while the hub still plays, the plan is read and approved', async () => {
  const played = Promise.withResolvers<void>();
  hub.onForecast = async () => {
    await played.promise;
    return { status: 200, body: hub.world('FIX-131').forecast };
  };
  hub.onCommand = acted;
  const page = await open('/fixes/FIX-131/plan');
  await forecastOf(page).getByText('The hub plays the rollout', { exact: false }).waitFor();
  await page.getByRole('button', { name: 'Approve this plan…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve P-0badcafe' }).click();
  await page.getByRole('dialog').getByText('Recorded', { exact: false }).first().waitFor();
  expect(hub.sent).toHaveLength(1);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await forecastOf(page).getByText('The hub plays the rollout', { exact: false }).count()).toBe(1);
  played.resolve();
  await forecastOf(page).getByText('If the fix is good', { exact: false }).waitFor();
});

test('a forecast that fails says what, leaves the plan as it is, and is played again when asked', async () => {
  hub.onForecast = fails;
  const page = await open('/fixes/FIX-131/plan');
  const alert = forecastOf(page).getByRole('alert');
  await alert.getByText('the fleet cannot be read').waitFor();
  await alert.getByText('The plan is right without it, and can be approved.').waitFor();
  expect(
    await page.getByRole('button', { name: 'Approve this plan…' }).getAttribute('aria-disabled'),
  ).not.toBe('true');
  hub.onForecast = undefined;
  await alert.getByRole('button', { name: 'Play it again' }).click();
  await forecastOf(page).getByText('If the fix is good', { exact: false }).waitFor();
  expect(await alert.count()).toBe(0);
});
