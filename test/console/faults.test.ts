// Goal: the pages never show old numbers as if they were live, and say what to do when the hub is gone.
import { expect, test } from 'vitest';
import { onStage } from './browser.ts';
import { problem } from './recorded-hub.ts';
import { rolling, withVersion } from './worlds.ts';

const { hub, open } = onStage(() => [rolling()]);

test('a stream that is cut is announced, greys the numbers, and goes on behind the last event', async () => {
  const page = await open('/fixes/FIX-128');
  await page.getByText('Live', { exact: true }).waitFor();
  hub.cutStreams();
  await page.getByText(/Last update \d+s ago, reconnecting/).waitFor();
  await page
    .getByText('Live updates are cut off. Reconnecting; the numbers may be old.')
    .waitFor({ state: 'attached' });
  expect(await page.locator('.ff-stale .ff-numbers').count()).toBe(1);
  expect(await page.getByText('212 of 665 exposed control planes patched (31%)').count()).toBe(1);
  const cutAfter = hub.streamsAsked.length;
  hub.openStreams();
  await page.getByText('Live', { exact: true }).waitFor();
  expect(await page.locator('.ff-stale').count()).toBe(0);
  expect(hub.streamsAsked.slice(cutAfter).at(-1)!.lastEventId).toMatch(/^\d+$/);
  hub.set(withVersion(rolling(), { headline: 'Rolling out, stage rest (2 of 2)' }));
  await page.getByText('Rolling out, stage rest (2 of 2)').waitFor();
});

test('pause has a way even when the stream is cut', async () => {
  hub.onCommand = () => ({
    status: 202,
    body: {
      fix: 'FIX-128',
      version: 42,
      state: 'delivering',
      did: ['Paused.'],
      undo: 'fleetfix resume FIX-128',
      see: '',
    },
  });
  const page = await open('/fixes/FIX-128');
  await page.getByText('Live', { exact: true }).waitFor();
  hub.cutStreams();
  await page
    .getByText(/reconnecting/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByText('Paused. Nothing new starts.').waitFor();
});

test('a hub that does not answer is said to be down, with what still holds, and comes back by itself', async () => {
  const page = await open('/login');
  await page.route('**/api/**', (route) => route.abort('connectionrefused'));
  await page.goto(new URL('/fixes/FIX-128', page.url()).href);
  await page.getByRole('heading', { name: 'The hub cannot be reached' }).waitFor();
  expect(await page.getByText('What already runs goes on.', { exact: false }).count()).toBe(1);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByText('Not paused from here. By terminal').waitFor();
  expect(await page.getByRole('button', { name: 'Try now' }).count()).toBe(1);
  await page.unroute('**/api/**');
  await page.getByRole('region', { name: 'Where it stands' }).waitFor();
});

test('an answer that is not from the hub is not taken for one', async () => {
  hub.allAnswer = { status: 502, body: '<html>Bad gateway</html>' };
  const page = await open('/');
  await page.getByRole('heading', { name: 'The hub could not answer' }).waitFor();
  expect(await page.getByText('The hub answered 502 without a reason.').count()).toBe(1);
});

test('a token that is revoked leads to the login page, with the reason', async () => {
  const page = await open('/fixes/FIX-128');
  await page.getByText('Live', { exact: true }).waitFor();
  hub.allAnswer = problem(401, 'unauthenticated', 'Log in first', 'the token is unknown or was revoked');
  hub.set(withVersion(rolling(), {}));
  await page.getByText('the token is unknown or was revoked').waitFor();
  await page.getByLabel('Token').waitFor();
});
