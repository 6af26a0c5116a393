// Goal: the page of a fix says what is still to be shown before it is closed, by whom, and with which command; where nothing is
// asked it says nothing.
import { expect, test } from 'vitest';
import { onStage } from './browser.ts';
import { closing, rolling, withVersion } from './worlds.ts';

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
