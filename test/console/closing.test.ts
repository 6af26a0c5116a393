// Goal: the page of a fix says what is still to be shown before it is closed, by whom, and with which command; where nothing is
// asked it says nothing.
import { expect, test } from 'vitest';
import { onStage } from './browser.ts';
import { problem } from './recorded-hub.ts';
import { closer, closing, rolling, withVersion } from './worlds.ts';

const { hub, open } = onStage(() => [rolling(), closing()]);

test('every item stands there with its state, who, why, and what is next', async () => {
  const page = await open('/fixes/FIX-136');
  const table = page.getByRole('table', { name: 'Closing checklist' });
  await table.waitFor();
  const part = page.getByRole('region', { name: 'Before it is closed' });
  expect(await part.textContent()).toContain('2 of 5 are shown or waived');
  const rowOf = (name: string) => table.getByRole('row', { name: new RegExp(`^${name} `) });
  expect(await rowOf('ci').getByRole('cell').allTextContents()).toEqual([
    'ci gates',
    '● shown',
    'engineer',
    '9 verdicts on 3 images',
  ]);
  expect(await rowOf('docs').textContent()).toContain('waived by kato: nothing changes for readers');
  expect(await rowOf('qe-plan').getByText('fleetfix show FIX-136 --item qe-plan --note TEXT').count()).toBe(
    1,
  );
  // What a machine looks at needs nobody.
  expect(await rowOf('upstream-code').getByRole('button').count()).toBe(0);
});

test('a link leads to what was shown, in a page of its own that learns nothing of this one', async () => {
  const page = await open('/fixes/FIX-136');
  const link = page.getByRole('link', { name: 'https://access.redhat.com/errata/RHBA-2026:4711' });
  await link.waitFor();
  expect(await link.getAttribute('target')).toBe('_blank');
  expect(await link.getAttribute('rel')).toBe('noreferrer noopener');
});

test('what is no web address is no link, whoever put it there', async () => {
  const world = closing();
  const checklist = world.view.checklist!.map((item) => ({ ...item, link: 'javascript:alert(1)' }));
  hub.set(withVersion(world, { checklist }));
  const page = await open('/fixes/FIX-136');
  await page.getByText('javascript:alert(1)').first().waitFor();
  expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
});

test('a fix whose policy asks for nothing has no such part', async () => {
  const page = await open('/fixes/FIX-128');
  await page.getByText('What can be done').waitFor();
  expect(await page.getByRole('table', { name: 'Closing checklist' }).count()).toBe(0);
});

const sent = () => hub.sent.map(({ body, ifMatch }) => ({ body, ifMatch }));

test('a link is shown where its item stands: a refusal says what and what next, and nothing is lost', async () => {
  hub.reset([closer()]);
  const commands = ['checklist FIX-136', 'show FIX-136 --item advisory --link URL'];
  const next = commands.map((label) => ({ label, command: `fleetfix ${label}` }));
  const refusal = problem(422, 'invalid', 'Not valid', 'advisory: example.com may not be looked at');
  hub.onCommand = () => ({ ...refusal, body: { ...(refusal.body as object), next } });
  const page = await open('/fixes/FIX-136');
  await page.getByRole('button', { name: 'Show… advisory' }).click();
  const dialog = page.getByRole('dialog', { name: 'Show advisory' });
  await dialog.getByText('It takes the place of https://access.redhat.com/errata/RHBA-2026:4711').waitFor();
  const press = dialog.getByRole('button', { name: 'Show advisory' });
  const address = dialog.getByLabel('Address');
  for (const [typed, lacks] of [
    ['', 'An address is needed.'],
    ['RHBA-2026', 'An address begins with https:// and has no space in it.'],
  ] as const) {
    await address.fill(typed);
    await dialog.getByText(lacks).waitFor();
    await press.click({ force: true });
  }
  expect(sent()).toEqual([]);
  await address.fill('https://example.com/a');
  await press.click();
  await dialog.getByRole('alert').getByText('advisory: example.com may not be looked at').waitFor();
  // A remedy is said once, as it is typed.
  for (const command of commands) expect(await dialog.getByText(command).allTextContents()).toHaveLength(1);
  expect(await address.inputValue()).toBe('https://example.com/a');
  expect(sent()).toEqual([
    { body: { do: 'show', item: 'advisory', link: 'https://example.com/a' }, ifMatch: undefined },
  ]);
});

test('what counts by a word is shown by a note; an item is waived by who may, on the version that was seen', async () => {
  const { actions } = closer().view;
  const refused = { allowed: false, because: 'needs approver', whoCan: ['approver'] };
  hub.reset([
    withVersion(closer(), {
      actions: actions.map((one) => (one.name === 'waive-item' ? { ...one, ...refused } : one)),
    }),
  ]);
  const body = { fix: 'FIX-136', state: 'retired', version: 42, undo: '', look: '', did: ['recorded so'] };
  hub.onCommand = () => ({ status: 202, body });
  const page = await open('/fixes/FIX-136');
  await page.getByRole('button', { name: 'Show… qe-plan' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Note' }).fill('TP-7, reviewed');
  await dialog.getByRole('button', { name: 'Say so of qe-plan' }).click();
  await dialog.getByText('Recorded so').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  // What is shown or being looked at has no buttons; why nothing can be waived is said once.
  const waive = page.getByRole('button', { name: /^Waive… / });
  expect(await waive.allTextContents()).toEqual(['Waive… advisory', 'Waive… qe-plan']);
  const part = page.getByRole('region', { name: 'Before it is closed' });
  expect(await part.getByText('Waive: needs approver.').count()).toBe(1);
  for (const one of await waive.all()) {
    expect(await one.getAttribute('aria-disabled')).toBe('true');
    const why = page.locator(`[id="${await one.getAttribute('aria-describedby')}"]`);
    expect(await why.textContent()).toContain('needs approver');
  }
  hub.set(withVersion(hub.world('FIX-136'), { actions }));
  await waive.last().and(page.locator(':not([aria-disabled=true])')).waitFor();
  await waive.last().click();
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('no plan is needed');
  await dialog.getByRole('button', { name: 'Waive qe-plan' }).click();
  await dialog.getByText('Recorded so').waitFor();
  expect(sent()).toEqual([
    { body: { do: 'show', item: 'qe-plan', note: 'TP-7, reviewed' }, ifMatch: undefined },
    {
      body: { do: 'waive-item', item: 'qe-plan', reason: 'no plan is needed' },
      ifMatch: `"${hub.world('FIX-136').view.version}"`,
    },
  ]);
});

test('the dialog says of which repository a pull request must be, and what its merge must hold', async () => {
  const world = closer();
  const checklist = world.view.checklist!.map((item) =>
    item.kind === 'pull-request'
      ? {
          ...item,
          state: 'open' as const,
          next: 'fleetfix show',
          repository: 'o/n',
          contains: 'change' as const,
        }
      : item,
  );
  hub.reset([withVersion(world, { checklist })]);
  const page = await open('/fixes/FIX-136');
  await page.getByRole('button', { name: 'Show… upstream-code' }).click();
  await page
    .getByText('a pull request of o/n that is merged and its merge holds the change of the fix')
    .waitFor();
});

test('on a narrow screen every command of the list can be read whole', async () => {
  const world = closer();
  const next = 'fleetfix show FIX-136 --item upstream-code --link https://github.com/OWNER/NAME/pull/NUMBER';
  const checklist = world.view.checklist!.map((item) => ({ ...item, state: 'open' as const, next }));
  hub.reset([withVersion(world, { checklist })]);
  const page = await open('/fixes/FIX-136', { viewport: { width: 390, height: 844 } });
  const table = page.getByRole('table', { name: 'Closing checklist' });
  const commands = table.locator('.ff-command code');
  await commands.first().waitFor();
  // What is cut off is drawn outside of the cell it stands in, or outside of the screen.
  const rights = await commands.evaluateAll((all) =>
    all.map((one) => {
      const cell = one.closest('td')!.getBoundingClientRect();
      return { cell: cell.right, text: Math.max(...[...one.getClientRects()].map(({ right }) => right)) };
    }),
  );
  expect(rights).toHaveLength(checklist.length);
  for (const { cell, text } of rights) expect(text).toBeLessThanOrEqual(Math.min(cell, 390));
});
