import { expect, test } from 'vitest';
import { createApi } from './app.ts';
import { problem } from './expect-problem.ts';
import { as, memoryDesk, memoryParts } from './memory-desk.ts';

const api = createApi(memoryParts({ desk: memoryDesk() }));
const page = (after: string, by: string) =>
  api.request(
    `/api/test-times?component=control-plane-operator&by=${by}&after=${encodeURIComponent(after)}`,
    {
      headers: as('token-viewer'),
    },
  );
const id = 'a'.repeat(32);

test.each(['slowest', 'failing', 'id'])('a page by %s begins only where a page before ended', async (by) => {
  for (const rank of ['1e999', '1e-999', '9'.repeat(21), '0.1e-400', '01', '1.0', '1e3', '-1', 'NaN'])
    await problem(await page(`${rank}~${id}`, by), 'bad-request');
  for (const after of ['', 'x', `1~${id}\n`, `1~${id}~${id}`, `1~${id.toUpperCase()}`])
    await problem(await page(after, by), 'bad-request');
  for (const rank of [0, 0.1, 1e-9, 1.2345678901234567e-6, 123_456.789, 5e-324, 1e21])
    expect((await page(`${rank}~${id}`, by)).status).toBe(200);
});
