import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verdictOf } from '../../core/verdict/verdict.ts';
import { type FileLimits, readReports } from './files.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-junit-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const write = (name: string, content: string | Buffer) => {
  const path = join(dir, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};
const verdict = (paths: readonly string[], limits: Partial<FileLimits> = {}) => {
  const reports = readReports(paths, limits);
  if (!reports.ok) throw new Error(reports.error);
  return verdictOf(reports.value);
};
const suite = (body: string, attributes = '') => `<testsuite name="s"${attributes}>${body}</testsuite>`;
const PASS = '<testcase name="a"/>';
const FAIL = '<testcase name="a"><failure message="no"/></testcase>';

it('a report of a gigabyte is refused by its size', () => {
  const path = write('large.xml', '<testsuite>');
  truncateSync(path, 1024 ** 3);
  const { result, because } = verdict([path]);
  expect([result, because]).toEqual([
    'none',
    `${path} cannot be read: it has 1073741824 bytes; at most 268435456 are read`,
  ]);
});

it('what has no size to ask for is counted while it is read', () => {
  const path = join(dir, 'pipe');
  const script = `const { readReports } = await import(${JSON.stringify(join(import.meta.dirname, 'files.ts'))});
    console.log(JSON.stringify(readReports([${JSON.stringify(path)}], { fileBytesMax: 1000000 })));`;
  const fill = `mkfifo '${path}'; head -c 20000000 /dev/zero > '${path}' 2>/dev/null & '${process.execPath}' --input-type=module -e "$0"; wait`;
  const said = JSON.parse(execFileSync('sh', ['-c', fill, script], { encoding: 'utf8' }));
  expect(said.value.unread[0].because).toContain('it has more than 1000000 bytes');
});

it('many reports that are too large together are not read further', () => {
  const names = ['one.xml', 'two.xml'].map((name) => write(`many/${name}`, suite(PASS)));
  const { result, unread, reports } = verdict(names, { allBytesMax: 60 });
  expect([result, reports.of, unread.first.map(({ report }) => report)]).toEqual(['none', 1, [names[1]]]);
});

it('a report that cannot be read lets nothing pass, and hides no failure', () => {
  const broken = write('broken.xml', '<testsuite><testcase name="x">');
  expect(verdict([broken, write('ok.xml', suite(PASS))])).toMatchObject({
    result: 'none',
    because: `${broken} cannot be read: it ends in the middle: an element is never closed`,
  });
  expect(verdict([broken, write('bad.xml', suite(FAIL))]).result).toBe('fail');
});

it('a second try in another file counts by its time, else by the order of the files', () => {
  const at = (hour: string) => ` timestamp="2026-11-20T${hour}:00:00Z"`;
  const [early, late] = [write('z.xml', suite(FAIL, at('10'))), write('b.xml', suite(PASS, at('11')))];
  expect(verdict([late, early])).toMatchObject({ result: 'pass', counts: { tests: 1, flaky: 1, runs: 2 } });
  const [first, second] = [write('try_2.xml', suite(FAIL)), write('try_10.xml', suite(PASS))];
  expect(verdict([first, second]).result).toBe('pass');
  expect(verdict([second, first]).result).toBe('fail');
});

it('in a folder, links are left alone and numbers in names count as numbers', () => {
  write('folder/junit_10.xml', suite(PASS));
  write('folder/junit_9.xml', suite(FAIL));
  symlinkSync(write('elsewhere.xml', suite('<testcase name="other"/>')), join(dir, 'folder', 'link.xml'));
  symlinkSync(dir, join(dir, 'folder', 'round'));
  expect(verdict([join(dir, 'folder')])).toMatchObject({
    result: 'pass',
    counts: { tests: 1, flaky: 1 },
    reports: { of: 2 },
  });
});

it('a broken report in a folder is not taken for the XML of another tool', () => {
  write('half/TEST-a.xml', suite(PASS));
  write('half/TEST-b.xml', '<testsuite><testcase');
  expect(verdict([join(dir, 'half')]).result).toBe('none');
  write('bomb/TEST-a.xml', suite(PASS));
  write('bomb/junit.xml', `<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${suite(PASS)}`);
  expect(verdict([join(dir, 'bomb')])).toMatchObject({ result: 'none', unread: { of: 1 } });
});

it('files that tests name are never looked for outside the folder', () => {
  const secret = write('secret.txt', 'x');
  write('in/shots/a.png', 'x');
  symlinkSync(secret, join(dir, 'in', 'shots', 'link.png'));
  const paths = ['shots/a.png', join(dir, 'in/shots/a.png'), 'shots/none.png', '../secret.txt', secret];
  const marks = [...paths, 'shots/link.png', 'C:\\x.png'].map((path) => `[[ATTACHMENT|${path}]]`).join('\n');
  const report = write(
    'in/junit.xml',
    suite(`<testcase name="a"><properties><property name="attachment" value="shots/b.png"/></properties>
      <system-out>${marks}</system-out></testcase>`),
  );
  expect(verdict([report]).attachments.first.map(({ path, standing }) => [path, standing])).toEqual([
    ['shots/b.png', 'missing'],
    ['shots/a.png', 'there'],
    ['shots/a.png', 'there'],
    ['shots/none.png', 'missing'],
    ['../secret.txt', 'outside'],
    [secret, 'outside'],
    ['shots/link.png', 'outside'],
    ['C:\\x.png', 'outside'],
  ]);
});

it('a path that is not there, a folder too large, and a device without end are refused', () => {
  expect(readReports([join(dir, 'nothing')])).toEqual({
    ok: false,
    error: `${join(dir, 'nothing')} is not there`,
  });
  for (let i = 0; i < 5; i += 1) write(`crowd/${i}.xml`, suite(PASS));
  expect(readReports([join(dir, 'crowd')], { filesMax: 4 })).toMatchObject({ ok: false });
  expect(readReports([join(dir, 'crowd')], { entriesMax: 4 })).toMatchObject({ ok: false });
  expect(verdict(['/dev/zero'], { fileBytesMax: 3_000_000 }).unread.first[0]?.because).toContain('more than');
});
