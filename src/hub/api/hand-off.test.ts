// Goal: the hand-off is one value and two pages of it, by what is asked for; a text takes a template of one's own.
import { expect, test } from 'vitest';
import { createApi } from './app.ts';
import { EXAMPLES } from './examples.ts';
import { problem } from './expect-problem.ts';
import { as, memoryDesk, memoryParts } from './memory-desk.ts';

const desk = memoryDesk();
const api = createApi(memoryParts({ desk }));
const ask = (path: string, headers: Record<string, string> = {}) =>
  api.request(`/api/fixes/FIX-128/${path}`, { headers: as('token-viewer', headers) });
const DIGEST = EXAMPLES.handOff.images[0]!.digest;

test.each([
  ['hand-off', {}, 'application/json'],
  ['hand-off', { accept: '*/*' }, 'application/json'],
  ['hand-off', { accept: 'image/png' }, 'application/json'],
  ['hand-off', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, 'text/html'],
  ['hand-off', { accept: 'text/markdown' }, 'text/markdown'],
  ['hand-off?as=md', { accept: 'text/html' }, 'text/markdown'],
  ['hand-off?as=html', {}, 'text/html'],
  ['hand-off?as=json', { accept: 'text/html' }, 'application/json'],
])('%s with %j is %s', async (path, headers, type) => {
  const answer = await ask(path, headers);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')?.split(';')[0]).toBe(type);
  expect(answer.headers.get('etag')).toBe('"41"');
  expect(answer.headers.get('vary')).toBe('Accept');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.text()).toContain(DIGEST);
});

test('the value is the one of the desk', async () => {
  expect(await (await ask('hand-off')).json()).toEqual(EXAMPLES.handOff);
});

test('one line may be asked for, and one that is not there is refused', async () => {
  await ask('hand-off?line=4.19');
  expect(desk.asked.at(-1)).toMatchObject({ call: 'handOff', request: { line: '4.19' } });
  await problem(await ask('hand-off?line=4.1'), 'unknown-line');
  await problem(await ask('hand-off?as=pdf'), 'bad-request');
  await problem(await ask('hand-off?lines=4.19'), 'bad-request');
});

test('a text is made by the hub’s template, or by the one that is sent', async () => {
  expect(await (await ask('texts/enablement')).json()).toMatchObject({ kind: 'enablement', fix: 'FIX-128' });
  const sent = await api.request('/api/fixes/FIX-128/texts/release-note', {
    method: 'POST',
    headers: as('token-viewer', { 'content-type': 'application/json' }),
    body: JSON.stringify({ template: '{{title}}' }),
  });
  expect(sent.status).toBe(200);
  expect(desk.asked.at(-1)).toMatchObject({
    call: 'text',
    request: { kind: 'release-note', template: '{{title}}' },
  });
  await problem(await ask('texts/poem'), 'bad-request');
});

test('words of a customer notice are allowed by whoever asks, not by whom the request names', async () => {
  const ask = (body: object) =>
    api.request('/api/fixes/FIX-128/texts/customer-notice', {
      method: 'POST',
      headers: as('token-viewer', { 'content-type': 'application/json' }),
      body: JSON.stringify(body),
    });
  expect((await ask({ allow: ['environment'] })).status).toBe(200);
  const { allowed } = (desk.asked.at(-1) as { request: { allowed: readonly object[] } }).request;
  expect(allowed).toEqual([{ word: 'environment', by: expect.stringMatching(/./) }]);
  await problem(await ask({ allow: [{ word: 'environment', by: 'somebody' }] }), 'bad-request');
  await problem(await ask({}), 'bad-request');
});

test('nobody without a role reads either', async () => {
  for (const path of ['hand-off', 'texts/enablement'])
    await problem(
      await api.request(`/api/fixes/FIX-128/${path}`, { headers: as('token-nobody') }),
      'forbidden',
    );
});
