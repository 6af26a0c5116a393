// Goal: what a fix is made of on each line, or what stands in its way, and a proposal taken by one press.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { onStage } from './browser.ts';
import { problem, type Sent } from './recorded-hub.ts';
import { inConflict, rolling, type World } from './worlds.ts';

const notAllowed = (): World => {
  const world = inConflict();
  const actions = world.view.actions.map((action) =>
    action.name === 'backport' ? { ...action, allowed: false, because: 'needs engineer or on-call' } : action,
  );
  return {
    ...world,
    view: { ...world.view, id: 'FIX-141', actions },
    diff: { ...world.diff, fix: 'FIX-141' },
  };
};
const { hub, open } = onStage(() => [rolling(), inConflict(), notAllowed()]);

const taken = (sent: Sent) => ({
  status: 202,
  body: {
    fix: 'FIX-140',
    version: 10,
    state: 'declared',
    did: ['line 4.18: proposal taken: adjacent, tree b2c3d4e5f607'],
    undo: 'fleetfix backport FIX-140 --to 4.18',
    see: 'fleetfix status FIX-140',
    sent,
  },
});
const line = (page: Page, name: string) => page.getByRole('region', { name: `Line ${name}`, exact: true });
const card = (page: Page, name: string) => page.getByRole('article', { name });

test('a clean line shows its commits against the original, its files against what is deployed, and who rides along', async () => {
  const page = await open('/fixes/FIX-128');
  await page.getByRole('tab', { name: 'Change' }).click();
  const part = line(page, '4.19');
  const rows = part.getByRole('table', { name: 'Commits of the candidate' }).getByRole('row');
  await rows.nth(4).waitFor();
  expect(await rows.nth(1).textContent()).toContain('carried FIX-121');
  expect(await rows.nth(2).textContent()).toContain('prerequisite');
  expect(await rows.nth(3).textContent()).toContain('differs');
  expect(await rows.nth(4).textContent()).toContain('the line has it already');
  expect(await part.getByText('defer w.Stop()').count()).toBe(1);
  expect(await part.textContent()).toContain('Against what is deployed: 5 files, +2607 −15');
  expect(await part.textContent()).toContain('#4410 etcd: split defrag from compaction');
  expect(await part.textContent()).toContain('git diff e06cc084c38d');
  expect(await page.getByText('fleetfix diff FIX-128 --line 4.19').count()).toBe(1);
});

test('long patches stay folded until somebody opens them', async () => {
  const page = await open('/fixes/FIX-128/change');
  const part = line(page, '4.19');
  const generated = part.getByRole('button', { name: /watch\.go/ });
  await generated.waitFor();
  expect(await part.getByText('Watch ends with its context').count()).toBe(0);
  await generated.click();
  await part.getByText('Watch ends with its context').waitFor();
  expect(await part.textContent()).toContain('2,614 lines more');
});

test('a line without a candidate is asked for only when it is opened, and says why there is none', async () => {
  const page = await open('/fixes/FIX-128/change');
  const part = line(page, '4.17');
  await part.waitFor();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await part.getByRole('button', { name: /Show what line 4\.17/ }).click();
  await part.getByText('There is no candidate:', { exact: false }).waitFor();
  expect(asked.filter((url) => url.includes('/diff?line=4.17'))).toHaveLength(1);
});

test('a conflict is shown by class, with both sides of every place, and the line that needs someone comes first', async () => {
  const page = await open('/fixes/FIX-140/change');
  const part = line(page, '4.18');
  await part.getByRole('heading', { name: 'Product code: 1 file in conflict' }).waitFor();
  expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe('Line 4.18 · conflict');
  expect(await part.getByRole('heading', { level: 3 }).allTextContents()).toEqual([
    'Product code: 1 file in conflict',
    'Tests: 1 file in conflict',
    'Generated files: 1 file in conflict',
    'What could be done',
  ]);
  const place = part.getByRole('figure', { name: 'pkg/etcd/defrag.go:41' });
  expect(await place.textContent()).toContain('same lines');
  expect(await place.locator('.ff-side').count()).toBe(3);
  expect(await place.textContent()).toContain('#3987 etcd: compact before every defrag');
  expect(await place.textContent()).toContain('defer w.Stop()');
});

test('a proposal is taken by one press: the same act as the command line, bound to the version seen', async () => {
  hub.onCommand = taken;
  const page = await open('/fixes/FIX-140/change');
  const adjacent = card(page, 'Put the edits side by side');
  await adjacent.waitFor();
  expect(await adjacent.textContent()).toContain('generated files are as the line has them');
  expect(await adjacent.textContent()).toContain('fleetfix backport FIX-140 --to 4.18 --accept adjacent');
  await adjacent.getByRole('button', { name: 'Take it', exact: true }).dblclick();
  await page.getByText('Taken. The line is assembled with it.').waitFor();
  expect(await page.getByText('fleetfix backport FIX-140 --to 4.18', { exact: true }).count()).toBe(1);
  expect(hub.sent).toHaveLength(1);
  expect(hub.sent[0]).toMatchObject({
    path: '/api/fixes/FIX-140/commands',
    ifMatch: '"9"',
    body: {
      do: 'backport',
      to: ['4.18'],
      accept: { kind: 'adjacent', tree: 'b2c3d4e5f60718293a4b5c6d7e8f900112233445' },
    },
  });
});

test('prerequisites are taken by their commits', async () => {
  hub.onCommand = taken;
  const page = await open('/fixes/FIX-140/change');
  await card(page, 'Put earlier commits on first')
    .getByRole('button', { name: 'Take it', exact: true })
    .click();
  await page.getByText('Taken. The line is assembled with it.').waitFor();
  expect(hub.sent[0]?.body).toEqual({
    do: 'backport',
    to: ['4.18'],
    with: ['2d484b6bb49a69ce438c66d5a6560a30f58c97cf'],
  });
});

test('a proposal that is another one by now is refused in its place, with the way on', async () => {
  hub.onCommand = () =>
    problem(
      412,
      'stale-version',
      'The world moved since your view',
      'line 4.18 does not offer adjacent any more',
    );
  const page = await open('/fixes/FIX-140/change');
  await card(page, 'Put the edits side by side')
    .getByRole('button', { name: 'Take it', exact: true })
    .click();
  const answer = page.getByRole('alert');
  await answer.waitFor();
  expect(await answer.textContent()).toContain('does not offer adjacent any more');
});

test('who may not take a proposal sees it, with the reason and who can', async () => {
  const page = await open('/fixes/FIX-141/change');
  const take = card(page, 'Put the edits side by side').getByRole('button', { name: 'Take it', exact: true });
  await take.waitFor();
  expect(await take.getAttribute('aria-disabled')).toBe('true');
  await take.click({ force: true });
  expect(await card(page, 'Put the edits side by side').textContent()).toContain(
    'Needs engineer or on-call.',
  );
  expect(hub.sent).toHaveLength(0);
});

test('a candidate that is lost is said, with what to do', async () => {
  const page = await open('/login');
  await page.route('**/diff?*', (route) =>
    route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        title: 'The repository or the change cannot be used',
        detail: 'candidate 1c0ffee0d1e2 of line 4.19 is not there any more',
        next: [{ label: 'assemble again', command: 'fleetfix backport FIX-128 --to 4.19' }],
      }),
    }),
  );
  await page.goto(new URL('/fixes/FIX-128/change', page.url()).href);
  const answer = page.getByRole('alert');
  await answer.waitFor();
  expect(await answer.textContent()).toContain('candidate 1c0ffee0d1e2 of line 4.19 is not there');
  expect(await answer.textContent()).toContain('fleetfix backport FIX-128 --to 4.19');
});
