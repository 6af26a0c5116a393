// Goal: the pages and the hub's own API fit together: its files, its policy, its streams, its refusals.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createApi } from '../../src/hub/api/app.ts';
import { memoryDesk, memoryFeed, memoryParts } from '../../src/hub/api/memory-desk.ts';
import { type Listening, listen } from '../../src/hub/api/serve.ts';
import { onBrowser } from './browser.ts';

const desk = memoryDesk();
const ledger = memoryFeed();
let server: Listening | undefined;
const open = onBrowser({
  start: async () => {
    const consoleDir = join(import.meta.dirname, '../../console/dist');
    const api = createApi(memoryParts({ desk, feed: ledger.feed, consoleDir }));
    server = await listen(api, { host: '127.0.0.1', port: 0 });
    return server.url;
  },
  stop: async () => server?.close(),
});
const loggedIn = 'token-operator';

test('Now, Fix and each of its tabs load from the API of the hub, and are live', async () => {
  const page = await open('/', { loggedIn });
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('link', { name: /FIX-128/ }).click();
  await page.getByRole('region', { name: 'Where it stands' }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await page
    .getByRole('link', { name: 'Rollout' })
    .or(page.getByRole('tab', { name: 'Rollout' }))
    .click();
  await page.getByRole('grid', { name: /by stage and management cluster/ }).waitFor();
  await page.keyboard.press('t');
  await page.getByText('Showing 1 of 1.', { exact: false }).waitFor();
  await page.goto(new URL('/fixes/FIX-128/plan', page.url()).href);
  await page.getByRole('region', { name: 'Plan P-7f3a91c0' }).getByText('100 (urgent)').waitFor();
  await page.getByText('If the fix is good: half in 52m', { exact: false }).waitFor();
  await page.goto(new URL('/fixes/FIX-128/timeline', page.url()).href);
  await page.getByText('1 entry').waitFor();
});

test('an event of the ledger makes the page ask again', async () => {
  const page = await open('/fixes/FIX-128', { loggedIn });
  await page.getByText('Live', { exact: true }).waitFor();
  const asked = page.waitForResponse((response) => response.url().endsWith('/api/fixes/FIX-128'));
  ledger.append('FIX-128');
  expect((await asked).status()).toBe(200);
});

test('Pause passes the checks of the API, and arrives once, as from the console', async () => {
  const page = await open('/fixes/FIX-128', { loggedIn });
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByText('Paused. Nothing new starts.').waitFor();
  const commands = desk.asked.filter(({ call }) => call === 'command');
  expect(commands).toHaveLength(1);
  expect(commands[0]).toMatchObject({
    request: { do: 'pause' },
    asking: { actor: { name: 'adiaz' }, surface: 'console' },
  });
});

test('a plan is made, and a fix declared, in the words the API takes', async () => {
  const page = await open('/fixes/FIX-128/plan', { loggedIn });
  await page.getByLabel('Harm budget').selectOption('urgent: 100');
  await page.getByRole('button', { name: 'Make the plan' }).click();
  await page.waitForURL('**/plan?id=P-7f3a91c0');
  expect(desk.asked.findLast(({ call }) => call === 'plan')).toMatchObject({ request: { budget: 100 } });
  await page.goto(new URL('/declare', page.url()).href);
  await page.getByLabel('Title').fill('drop leaked watch');
  await page.getByRole('combobox', { name: 'Severity' }).selectOption('high');
  await page.getByRole('textbox', { name: 'Reason' }).fill('memory');
  await page.getByRole('textbox', { name: 'Symptom' }).fill('OOMKilled');
  await page.getByLabel('Its number or address').fill('7');
  await page.getByRole('button', { name: 'Declare the fix' }).click();
  await page.getByRole('region', { name: 'Where it stands' }).waitFor();
  expect(desk.asked.findLast(({ call }) => call === 'declare')).toMatchObject({
    request: {
      severity: 'high',
      symptom: 'OOMKilled',
      component: 'control-plane-operator',
      policy: 'default',
    },
    asking: { surface: 'console' },
  });
});

test('someone without a role and a fix that is not there get the words of the hub', async () => {
  const page = await open('/', { loggedIn: 'token-nobody' });
  await page.getByRole('heading', { name: 'Access permissions needed' }).waitFor();
  await page.getByText('nobody has no role', { exact: false }).waitFor();
  const other = await open('/fixes/FIX-7', { loggedIn });
  await other.getByRole('heading', { name: 'No such fix' }).waitFor();
});
