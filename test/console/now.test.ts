// Goal: the first page says who is needed and where every fix stands, live, and a login guards it.
import { expect, test } from 'vitest';
import { onStage } from './browser.ts';
import { problem, TOKEN } from './recorded-hub.ts';
import { needsApproval, rolling, slowBurn, withVersion } from './worlds.ts';

const { hub, open } = onStage(() => [rolling(), needsApproval()]);

test('Now names who is needed for what, with the command, before the list of fixes', async () => {
  const page = await open('/');
  const needs = page.getByRole('region', { name: 'Needs someone' });
  await needs.getByText('FIX-131: approve or decline plan P-0badcafe').waitFor();
  expect(await needs.textContent()).toContain('an approver who is not mrossi. Waiting for 14m, since 20:36Z');
  expect(await needs.getByText('fleetfix approve FIX-131 --plan P-0badcafe').count()).toBe(1);
  const order = await page.getByRole('heading', { level: 2 }).allTextContents();
  expect(order).toEqual(['Needs someone', 'Open fixes']);
});

test('Now shows each fix with coverage, clock against target, forecast and verdict', async () => {
  const page = await open('/');
  const row = page.getByRole('row', { name: /FIX-128/ });
  await row.waitFor();
  const text = await row.textContent();
  expect(text).toContain('Rolling out, stage eu-first (1 of 2), soaking for 12m more');
  expect(text).toContain('212 of 665 exposed control planes patched (31%)');
  expect(text).toContain('3 unknown');
  expect(text).toContain('2h56m since declared, target 6h (23:54Z)');
  expect(text).toContain('on track: covered about 22:35Z, 1h19m early');
  expect(text).toContain('not worse');
  const late = page.getByRole('row', { name: /FIX-131/ });
  expect(await late.textContent()).toContain('over the target by 1h');
});

test('what has to be decided of a fix that was covered days ago waits since it was found, not since then', async () => {
  hub.reset([rolling(), slowBurn()]);
  const page = await open('/');
  const needs = page.getByRole('region', { name: 'Needs someone' });
  await needs.getByText('FIX-135: decide whether it goes back, slowly it may do harm').waitFor();
  expect(await needs.textContent()).toContain('Waiting for 40m, since 20:10Z');
});

test('a change the hub tells of is on Now without a reload', async () => {
  const page = await open('/');
  await page.getByText('Live', { exact: true }).waitFor();
  hub.set(withVersion(rolling(), { headline: 'Covered: nothing exposed is left' }));
  await page.getByText('Covered: nothing exposed is left').waitFor();
});

test('without a fix, Now says that this is good and what to do next', async () => {
  hub.reset([]);
  const page = await open('/');
  await page.getByRole('heading', { name: 'No open fixes' }).waitFor();
  expect(await page.getByText('Nobody is needed now.').count()).toBe(1);
  expect(await page.getByText(/^fleetfix declare/).count()).toBe(1);
});

test('who is not logged in is asked for a token, told when it is wrong, and led back to the page asked for', async () => {
  const page = await open('/fixes/FIX-128', { loggedIn: false });
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('The hub does not know this token.', { exact: false }).waitFor();
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { level: 1, name: /^FIX-128/ }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/fixes/FIX-128');
  expect(page.url()).not.toContain(TOKEN);
  expect(hub.streamsAsked.every(({ url }) => !url.includes(TOKEN))).toBe(true);
});

test('a login link leads to no other site', async () => {
  const page = await open('/login?back=%2F%2Fevil.example%2F', { loggedIn: false });
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Now' }).waitFor();
});

test('logging out forgets the token and everything that was shown', async () => {
  const page = await open('/login', { loggedIn: false });
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('link', { name: /FIX-128/ }).waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Token').waitFor();
  expect(await page.evaluate('sessionStorage.length + localStorage.length')).toBe(0);
  expect(await page.getByText('FIX-128').count()).toBe(0);
});

test('who has no right is told so, and whom to ask', async () => {
  hub.allAnswer = problem(403, 'forbidden', 'Your roles do not allow this', 'adiaz has no role', {
    whoCan: ['admin'],
  });
  const page = await open('/');
  await page.getByRole('heading', { name: 'Access permissions needed' }).waitFor();
  expect(await page.getByText('Who can: admin').count()).toBe(1);
});

test('text from outside stays text', async () => {
  const title = '<img src=x onerror="document.title=1"> & <b>bold</b>';
  hub.reset([withVersion(rolling(), { title })]);
  const page = await open('/');
  await page.getByText(title).waitFor();
  expect(await page.locator('main img').count()).toBe(0);
});
