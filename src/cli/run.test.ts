import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT, exitOf } from './exit.ts';
import { oneSuggestion } from './program.ts';
import { changeOf, selectorOf } from './rev.ts';
import { commandText } from './run.ts';
import { isExposed, originOf, readSettings } from './settings.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-cli-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('a repeated command survives a shell as it was typed', () => {
  const argv = ['waive', 'FIX-1', '--reason', `it's "late"; $(rm -rf ~) \`x\``, '--gate', 'a b', ''];
  const script = commandText(argv).replace(/^fleetfix/, 'printf "%s\\0"');
  const words = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
  expect(words).toEqual(argv);
});

test('an exit code for problems of a later hub is judged by the status', () => {
  const of = (status: number) => exitOf({ code: 'not-known-here', status });
  expect([412, 401, 403, 404, 422, 500, 503].map(of)).toEqual([6, 4, 4, 2, 2, 1, 1]);
  expect(new Set(Object.values(EXIT)).size).toBe(8);
});

test('of several suggestions one is left', () => {
  const text = "error: unknown command 're'\n(Did you mean one of retire, retry?)\n";
  expect(oneSuggestion(text)).toBe("fleetfix: unknown command 're'\n(did you mean retire?)\n");
});

describe('where the hub is', () => {
  test.each([
    ['http://127.0.0.1:8470/', 'http://127.0.0.1:8470', false],
    ['https://hub.example', 'https://hub.example', false],
    ['http://hub.example', 'http://hub.example', true],
    ['http://[::1]:1', 'http://[::1]:1', false],
  ])('%s is %s', (text, origin, exposed) => {
    expect(originOf(text)).toBe(origin);
    expect(isExposed(text)).toBe(exposed);
  });

  test.each(['hub', 'ftp://hub', 'http://a:b@hub', 'http://hub/path', ''])('%j is refused', (text) =>
    expect(() => originOf(text)).toThrow(/expected http/),
  );

  test('a flag wins over the environment, and the environment over the default', () => {
    const env = {
      FLEETFIX_CONFIG: '/dev/null/none',
      FLEETFIX_HUB: 'http://env:1',
      FLEETFIX_TOKEN: 'tok-0123456789',
    };
    expect(readSettings(env, { hub: 'http://flag:1' }).hub).toBe('http://flag:1');
    expect(readSettings(env, {})).toMatchObject({ hub: 'http://env:1', token: 'tok-0123456789' });
    expect(readSettings({ FLEETFIX_CONFIG: '/dev/null/none' }, {})).toMatchObject({
      hub: 'http://127.0.0.1:8470',
    });
  });
});

describe('what people name', () => {
  test('a pull request keeps its address, which says the repository', () => {
    expect(changeOf({ pr: 'https://git.example/o/n/-/merge_requests/12' })).toMatchObject({ number: 12 });
    expect(changeOf({ pr: '#12' })).toEqual({ kind: 'pull-request', number: 12 });
  });

  test('a patch file is its text, line ends as they are, and nothing else passes for one', () => {
    const file = (name: string, bytes: string | Buffer) => {
      writeFileSync(join(dir, name), bytes);
      return join(dir, name);
    };
    const text = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-é\r\n+e\r\n';
    expect(changeOf({ patch: file('ok', text) })).toEqual({ kind: 'patch', text });
    const refused = (patch: string) => () => changeOf({ patch });
    expect(refused(file('latin1', Buffer.from(text, 'latin1')))).toThrow(/not UTF-8/);
    expect(refused(file('none', 'hello\n'))).toThrow(/git format-patch or git diff wrote/);
    expect(refused(file('nul', `${text}\0`))).toThrow(/NUL/);
    expect(refused(file('large', text + '+x\n'.repeat(100_000)))).toThrow(/256 KiB/);
    expect(refused(dir)).toThrow(/EISDIR/);
    expect(refused(join(dir, 'nowhere'))).toThrow(/ENOENT/);
  });

  test.each([['-x'], ['a..b'], ['a b'], [''], ['a;b']])('%j is no commit', (commit) =>
    expect(() => changeOf({ commit })).toThrow(),
  );

  test('a selector gathers values of one key', () => {
    expect(selectorOf('region=a,region=b|c,customer=x=y', '-l')).toEqual({
      region: ['a', 'b', 'c'],
      customer: ['x=y'],
    });
    expect(() => selectorOf('__proto__=x', '-l')).toThrow(/expected KEY=VALUE/);
    expect(() => selectorOf('region=', '-l')).toThrow();
  });
});
