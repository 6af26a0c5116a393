// Goal: the page of a fix answers its questions, its brake works in one press, and what is refused says why.
import { expect, test } from 'vitest';
import { onStage } from './browser.ts';
import { problem, type Sent } from './recorded-hub.ts';
import { needsApproval, paused, rolling, slowBurn, withVersion } from './worlds.ts';

const { hub, open } = onStage(() => [rolling(), needsApproval(), slowBurn()]);

const acted = (sent: Sent) => ({
  status: 202,
  body: {
    fix: 'FIX-128',
    version: 42,
    state: 'delivering',
    did: ['Paused by adiaz: nothing new starts.'],
    undo: 'fleetfix resume FIX-128',
    see: `fleetfix status FIX-128 # ${sent.key}`,
  },
});

test('Fix shows where it stands, what comes next, its stages against their targets, and what stands out', async () => {
  const page = await open('/fixes/FIX-128');
  const facts = page.getByRole('region', { name: 'Where it stands' });
  await facts.waitFor();
  const text = await facts.textContent();
  expect(text).toContain('212 of 665 exposed control planes patched (31%)');
  expect(text).toContain('on track: covered about 22:35Z, 1h19m early');
  expect(text).toContain('21:02Z more start, with soak of eu-first: 30m · unless paused, or the evidence');
  const stages = page.getByRole('table', { name: 'Stages of this fix' });
  const approval = stages.getByRole('row', { name: /^approval/ });
  expect(await approval.getByRole('cell').allTextContents()).toEqual([
    'approval',
    '● done',
    '9m',
    '30m',
    '9m',
    'kato, adiaz · plan P-7f3a91c0',
  ]);
  expect(await page.locator('.ff-gantt-bar').count()).toBe(5);
  expect(await page.locator('.ff-gantt-target').count()).toBe(5);
  const insights = page.getByRole('table', { name: 'What stands out' });
  expect(await insights.textContent()).toContain('agent silent on mc-eu-3');
  expect(await page.getByText('fleetfix status FIX-128').count()).toBe(1);
});

test('Pause sends exactly one command, under a key and without a version, and shows the answer and the way back', async () => {
  hub.onCommand = (sent) => {
    hub.set(paused(rolling()));
    return acted(sent);
  };
  const page = await open('/fixes/FIX-128');
  await page.getByRole('button', { name: 'Pause', exact: true }).dblclick();
  await page.getByText('Paused. Nothing new starts.').waitFor();
  await page.getByRole('button', { name: 'Paused' }).waitFor();
  expect(await page.getByText('fleetfix resume FIX-128').count()).toBe(1);
  expect(hub.sent).toHaveLength(1);
  expect(hub.sent[0]).toMatchObject({
    path: '/api/fixes/FIX-128/commands',
    ifMatch: undefined,
    body: { do: 'pause' },
  });
  expect(hub.sent[0]!.key).toMatch(/^[0-9a-f-]{36}$/);
});

test('a Pause whose answer was lost is sent again under the same key', async () => {
  let lost = 0;
  const page = await open('/fixes/FIX-128');
  await page.route('**/commands', async (route) => {
    lost++;
    if (lost > 1) return route.continue();
    await route.fetch();
    return route.abort('connectionreset');
  });
  hub.onCommand = acted;
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByText('Paused. Nothing new starts.').waitFor();
  expect(hub.sent).toHaveLength(2);
  expect(new Set(hub.sent.map(({ key }) => key)).size).toBe(1);
});

test('a Pause the hub refuses shows the reason, who can, and the way by terminal', async () => {
  hub.onCommand = () =>
    problem(403, 'not-allowed', 'Your roles do not allow this', 'kato is a viewer; pausing needs on-call', {
      whoCan: ['adiaz', 'on-call'],
    });
  const page = await open('/fixes/FIX-128');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const answer = page.getByRole('alert');
  await answer.waitFor();
  const text = await answer.textContent();
  expect(text).toContain('kato is a viewer; pausing needs on-call');
  expect(text).toContain('Who can: adiaz, on-call');
  expect(text).toContain('fleetfix pause FIX-128');
  expect(hub.sent).toHaveLength(1);
});

test('the brake is there before the fix has loaded, and works', async () => {
  hub.onCommand = acted;
  const page = await open('/login');
  const held: (() => void)[] = [];
  await page.route('**/api/fixes/FIX-128', (route) => {
    held.push(() => void route.continue().catch(() => undefined));
  });
  await page.route('**/api/events*', (route) => route.abort());
  await page.goto(new URL('/fixes/FIX-128', page.url()).href);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByText('Paused. Nothing new starts.').waitFor();
  expect(hub.sent).toHaveLength(1);
  for (const release of held) release();
});

test('what is not allowed stays in sight, disabled, with the reason and who can', async () => {
  const page = await open('/fixes/FIX-131');
  const brake = page.getByRole('button', { name: 'Pause', exact: true });
  await page.getByText('Nothing is rolling out.').waitFor();
  expect(await brake.getAttribute('aria-disabled')).toBe('true');
  await brake.click({ force: true });
  const other = await open('/fixes/FIX-128');
  const act = other.getByRole('listitem').filter({ hasText: 'End the wait of a stage' });
  await act.waitFor();
  expect(await act.getByRole('button').getAttribute('aria-disabled')).toBe('true');
  expect(await act.textContent()).toContain(
    'Your roles (viewer) do not allow it. Who can: operators, adiaz.',
  );
  await act.getByRole('button').click({ force: true });
  expect(await act.getByText('fleetfix').count()).toBe(0);
  expect(hub.sent).toHaveLength(0);
});

test('an act that is allowed shows its command line and does nothing by itself', async () => {
  const page = await open('/fixes/FIX-131');
  await page.getByRole('button', { name: 'Approve the plan…' }).click();
  const act = page.getByRole('listitem').filter({ hasText: 'Approve the plan' });
  expect(await act.getByText('fleetfix approve FIX-131 --plan P-0badcafe').count()).toBe(1);
  expect(hub.sent).toHaveLength(0);
});

test('the key h asks before it pauses; Cancel and Esc send nothing', async () => {
  hub.onCommand = acted;
  const page = await open('/fixes/FIX-128');
  await page.getByRole('region', { name: 'Where it stands' }).waitFor();
  const dialog = page.getByRole('dialog', { name: /Pause FIX-128/ });
  await page.keyboard.press('h');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.keyboard.press('h');
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(hub.sent).toHaveLength(0);
  await page.keyboard.press('h');
  await dialog.getByRole('button', { name: 'Pause FIX-128' }).click();
  await page.getByText('Paused. Nothing new starts.').waitFor();
  expect(hub.sent).toHaveLength(1);
});

test('g n goes to Now and ? opens the help', async () => {
  const page = await open('/fixes/FIX-128/timeline');
  await page.getByRole('searchbox').fill('g n ? h');
  await page.getByText('0 entries').waitFor();
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keys and acts' });
  await help.getByText('No key acts by itself.', { exact: false }).waitFor();
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('n');
  await page.getByRole('heading', { level: 1, name: 'Now' }).waitFor();
});

test('Timeline tells who decided what, having seen which version, newest first', async () => {
  const page = await open('/fixes/FIX-128/timeline');
  const rows = page.getByRole('table', { name: 'Timeline' }).getByRole('row');
  await rows.nth(3).waitFor();
  expect(await rows.nth(1).textContent()).toContain('adiaz console');
  expect(await rows.nth(1).textContent()).toContain('version 35, had seen 34');
  await page.getByRole('searchbox').fill('kato');
  await page.getByText('1 entry').waitFor();
  expect(await rows.nth(1).textContent()).toContain('Approved plan P-7f3a91c0');
});

test('a fix that does not exist is said not to exist', async () => {
  const page = await open('/fixes/FIX-999');
  await page.getByRole('heading', { name: 'No such fix' }).waitFor();
  expect(await page.getByText('no fix FIX-999').count()).toBe(1);
  expect(await page.getByRole('link', { name: 'See the open fixes' }).count()).toBe(1);
});

test('what changes on the hub changes on the page, without a reload', async () => {
  const page = await open('/fixes/FIX-128');
  await page.getByText('Live', { exact: true }).waitFor();
  hub.set(withVersion(rolling(), { headline: 'Halted by itself: 2 of 210 failed', halted: true }));
  await page.getByText('Halted by itself: 2 of 210 failed').waitFor();
});

test('the promised availability is a clock: what is left of it, and loud when nothing is', async () => {
  const page = await open('/fixes/FIX-131');
  const facts = page.getByRole('region', { name: 'Where it stands' });
  await facts.getByText('5 burn; each may be down 7h12m in 30 days (99 % is promised)').waitFor();
  expect(await facts.textContent()).toContain('2h12m left, until 23:02Z');
  const other = await open('/fixes/FIX-128');
  const broken = other.getByText('Broken since 18:15Z, for 2h34m');
  await broken.waitFor();
  expect(await broken.evaluate((it) => it.closest('.pf-m-danger') !== null)).toBe(true);
});

test('a rollout that is over and may do harm slowly asks for a decision, with its figures and the way back', async () => {
  const page = await open('/fixes/FIX-135');
  const needs = page.getByRole('region', { name: 'Needs someone' });
  await needs.getByRole('heading', { name: /Decide whether it goes back, slowly it may do harm$/ }).waitFor();
  expect(await needs.textContent()).toContain(
    '12 fell ill since the rollout ended, 3.1 were to be expected: evidence 140 (alarm at 100).',
  );
  expect(await needs.getByText('fleetfix rollback FIX-135 --reason TEXT').count()).toBe(1);
});
