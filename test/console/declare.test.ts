// Goal: a fix is declared from the page with everything the command line takes, the symptom too, and once.
import { expect, test } from 'vitest';
import { onStage } from './browser.ts';
import { problem } from './recorded-hub.ts';
import { rolling } from './worlds.ts';

const { hub, open } = onStage(() => [rolling()]);

const acted = () => ({
  status: 201,
  body: { fix: 'FIX-128', version: 1, state: 'declared', did: ['declared'], undo: '', see: '' },
});

test('a fix is declared with its symptom, once, and its page opens', async () => {
  hub.onCommand = acted;
  const page = await open('/');
  await page.getByRole('link', { name: 'Declare a fix' }).click();
  const declare = page.getByRole('button', { name: 'Declare the fix' });
  await page.getByText('It needs a title.').waitFor();
  await declare.click({ force: true });
  expect(hub.sent).toHaveLength(0);
  await page.getByLabel('Title').fill('drop leaked watch on etcd defrag');
  await page.getByRole('combobox', { name: 'Severity' }).selectOption('critical');
  await page.getByRole('textbox', { name: 'Reason' }).fill('API servers run out of memory');
  await page.getByRole('textbox', { name: 'Symptom' }).fill('OOMKilled');
  await page.getByLabel('Component').selectOption('control-plane-operator');
  await page.getByLabel('Its number or address').fill('4692');
  await declare.dblclick();
  await page.getByRole('heading', { level: 1, name: /^FIX-128/ }).waitFor();
  expect(hub.sent).toHaveLength(1);
  expect(hub.sent[0]).toMatchObject({
    path: '/api/fixes',
    body: {
      do: 'declare',
      title: 'drop leaked watch on etcd defrag',
      severity: 'critical',
      reason: 'API servers run out of memory',
      symptom: 'OOMKilled',
      component: 'control-plane-operator',
      change: { kind: 'pull-request', number: 4692 },
    },
  });
  expect(hub.sent[0]!.key).toMatch(/^[0-9a-f-]{36}$/);
});

test('a change may be commits; what the hub refuses is said with what was typed still there', async () => {
  hub.onCommand = () => problem(422, 'source-problem', 'The change cannot be read', 'no commit abc123');
  const page = await open('/declare');
  await page.getByLabel('Title').fill('take it back');
  await page.getByRole('combobox', { name: 'Severity' }).selectOption('critical');
  await page.getByRole('textbox', { name: 'Reason' }).fill('it broke');
  await page.getByLabel('Component').selectOption('hypershift-operator');
  await page.getByLabel('The change is a').selectOption('Commits');
  await page.getByLabel('Their ids, with commas between them').fill('abc123, def456');
  await page.getByRole('button', { name: 'Declare the fix' }).click();
  await page.getByText('no commit abc123').waitFor();
  expect(hub.sent[0]!.body).toMatchObject({ change: { kind: 'commits', commits: ['abc123', 'def456'] } });
  expect(await page.getByLabel('Title').inputValue()).toBe('take it back');
});
