// Goal: at 3 am a person sees who has it, until when and who is next, where nobody will be and which calendar lies or is away; and
// takes what waits for people, with the keyboard too.
import { expect, test } from 'vitest';
import type { ActionView } from '../../src/core/views/fix-view.ts';
import { EXAMPLES } from '../../src/hub/api/examples.ts';
import { onStage } from './browser.ts';
import { problem } from './recorded-hub.ts';
import { handedOff, withVersion } from './worlds.ts';

const { hub, open } = onStage(() => [handedOff()]);

test('who is on duty, until when, who is next, and what is wrong with the days to come', async () => {
  const page = await open('/');
  await page.getByRole('link', { name: 'Who is on duty' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.getByRole('heading', { level: 1, name: 'Who is on duty' }).waitFor();
  const rowsOf = async (table: string) => {
    const rows = page.getByRole('table', { name: table }).getByRole('row');
    await rows.nth(1).waitFor();
    const all = (await rows.all()).slice(1);
    return Promise.all(all.map((row) => row.getByRole('cell').allTextContents()));
  };
  expect(await rowsOf('On duty')).toEqual([
    ['on-call', 'adiaz +49 30 1234', 'Mon 08:00Z (in 1d11h)', 'kato from Mon 08:00Z (in 1d11h)'],
    ['qe', '? UNKNOWN', '–', 'unknown'],
  ]);
  expect(await rowsOf('Gaps')).toEqual([
    ['qe', 'Mon 2026-11-23 08:00Z', 'Mon 2026-11-23 16:00Z', '8h', '? not known'],
    ['on-call', 'Mon 2026-11-30 08:00Z', 'Sat 2026-12-05 20:50Z', '5d12h', '✖\uFE0E nobody'],
  ]);
  expect((await rowsOf('Calendars')).map(([name, , state, , problems]) => [name, state, problems])).toEqual([
    ['rotas/primary.ics', '● read 3m ago, 20:47Z', 'none'],
    [
      'calendar.example.com',
      '✖\uFE0E not read',
      'cannot be read: calendar.example.com answered 503; there is no copy of it',
    ],
  ]);
  expect(await page.getByRole('list', { name: 'Warnings' }).textContent()).toContain(
    'on-call: rotas/primary.ics ends Mon 2026-11-30 08:00Z',
  );
});

test('nobody where somebody must be is loud, a copy has its age, a rota of one is named, and so is what to configure', async () => {
  const [onCall, qe] = EXAMPLES.roster.roles;
  const roles = [
    { ...onCall!, gaps: [], alone: 'adiaz' },
    { ...qe!, isRead: true, isNeeded: true, unknown: [] },
  ];
  const [own, away] = EXAMPLES.roster.calendars;
  const calendars = [own!, { ...away!, isRead: true, copyFrom: '2026-11-20T20:50:00.000Z' }];
  hub.roster = { status: 200, body: { ...EXAMPLES.roster, roles, calendars } };
  const page = await open('/roster');
  await page.getByText('✖\uFE0E NOBODY', { exact: true }).waitFor();
  await page.getByText('on-call: only adiaz in all 14 days').waitFor();
  await page.getByText('No gap: somebody is there whenever somebody must be.').waitFor();
  await page.getByText(/copy, 1d ago, .*20:50Z/).waitFor();
  // None configured is no fault of the page: it says what to do.
  const detail = 'this hub has no roster: name the calendars of your rotas under roster:';
  hub.roster = problem(404, 'not-found', 'Nothing here', detail);
  await page.reload();
  await page.getByRole('heading', { name: 'No roster is configured' }).waitFor();
  await page.getByText('This hub has no roster: name the calendars', { exact: false }).waitFor();
});

const refused = (action: ActionView): ActionView =>
  action.name === 'acknowledge'
    ? { ...action, allowed: false, because: 'needs qe or on-call', whoCan: ['qe', 'on-call'] }
    : action;

test('a hand-off is acknowledged by who may, with a note, by keyboard, and nothing is sent before', async () => {
  hub.onCommand = () => {
    const { handOff } = hub.world('FIX-131').view;
    const acknowledged = { by: 'adiaz', at: '2026-11-21T20:50:00.000Z' };
    const text = 'adiaz has it since 20:50Z';
    hub.set(withVersion(hub.world('FIX-131'), { handOff: { ...handOff!, acknowledged, text } }));
    const body = { fix: 'FIX-131', state: 'proven', version: 42, undo: 'cannot be undone', look: '' };
    return { status: 202, body: { ...body, did: ['hand-off acknowledged: two hours'] } };
  };
  hub.set(withVersion(hub.world('FIX-131'), { actions: handedOff().view.actions.map(refused) }));
  const page = await open('/fixes/FIX-131');
  const button = page.getByRole('button', { name: 'Acknowledge… the hand-off' });
  await button.and(page.locator('[aria-disabled=true]')).waitFor();
  const why = page.locator(`[id="${await button.getAttribute('aria-describedby')}"]`);
  expect(await why.first().textContent()).toBe('needs qe or on-call.');
  hub.set(withVersion(hub.world('FIX-131'), { actions: handedOff().view.actions }));
  await button.and(page.locator(':not([aria-disabled=true])')).waitFor();
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Acknowledge FIX-131' });
  await dialog.getByText('Hand-off: quinn told at 20:38Z, not acknowledged yet', { exact: false }).waitFor();
  expect(await page.locator(':focus').textContent()).toBe('Cancel');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await page.locator(':focus').textContent()).toContain('Acknowledge…');
  expect(hub.sent).toEqual([]);
  await page.keyboard.press('Enter');
  await dialog.getByLabel('Note (may be left out)').fill('two hours');
  await page.keyboard.press('Enter');
  await dialog.getByText('Hand-off acknowledged: two hours').waitFor();
  // What is no command is not offered as one.
  expect(await dialog.getByText('Cannot be undone').count()).toBe(1);
  expect(await dialog.getByRole('button', { name: /^Copy/ }).count()).toBe(0);
  expect(hub.sent.map(({ body, ifMatch }) => ({ body, ifMatch }))).toEqual([
    { body: { do: 'acknowledge', note: 'two hours' }, ifMatch: undefined },
  ]);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.getByText('Hand-off: adiaz has it since 20:50Z').waitFor();
  expect(await button.count()).toBe(0);
});
