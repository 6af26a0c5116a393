// Goal: people change the texts by changing files, and are told what is wrong with one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { readTemplate } from '../../core/texts/template.ts';
import { TEXT_KINDS, TEXT_SHAPES } from '../../core/texts/text-kinds.ts';
import { openTemplates } from './index.ts';

const shipped = fileURLToPath(new URL('../../../templates', import.meta.url));
const own = mkdtempSync(join(tmpdir(), 'fleetfix-texts-'));
afterAll(() => rmSync(own, { recursive: true, force: true }));
const templates = openTemplates({ own, shipped });

test.each(TEXT_KINDS)('the shipped template of a %s is one', async (kind) => {
  const { text, from } = await openTemplates({ own: '/dev/null/none', shipped }).read(kind);
  expect(from).toBe('shipped');
  expect(readTemplate(text, TEXT_SHAPES[kind])).toMatchObject({ ok: true });
});

test('the hub’s own comes first, and a change of it counts at once', async () => {
  expect(await templates.read('release-note')).toMatchObject({ from: 'shipped' });
  for (const text of ['one', 'two']) {
    writeFileSync(join(own, 'release-note.md'), text);
    expect(await templates.read('release-note')).toEqual({ from: 'hub', text });
  }
});

test('a template that cannot be read is refused by its path', async () => {
  mkdirSync(join(own, 'enablement.md'));
  await expect(templates.read('enablement')).rejects.toThrow(/enablement\.md is no file/);
  const notice = join(own, 'customer-notice.md');
  writeFileSync(notice, Buffer.from([0xff, 0xfe]));
  await expect(templates.read('customer-notice')).rejects.toThrow(/customer-notice\.md is not UTF-8/);
  writeFileSync(notice, 'x'.repeat(70_000));
  await expect(templates.read('customer-notice')).rejects.toThrow(/70000 bytes: expected at most 65536/);
  await expect(openTemplates({ own: '/none', shipped: '/none' }).read('enablement')).rejects.toThrow(
    /\/none\/enablement\.md is not there/,
  );
});
