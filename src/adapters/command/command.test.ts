import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builderContract, gateRunnerContract, script } from '../../ports/builder.contract.ts';
import type { BuildWork, GateWork } from '../../ports/builder.ts';
import { readReport } from '../junit/index.ts';
import { keepImage } from '../oci/index.ts';
import { createCommandBuilder } from './builder.ts';
import { createGateRunner } from './gate-runner.ts';

builderContract(() => createCommandBuilder(keepImage));
gateRunnerContract(() => createGateRunner(readReport));

let home: string;
let dir: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'command-test-'));
  dir = join(home, 'tree');
  await mkdir(dir);
});
afterEach(() => rm(home, { recursive: true, force: true }));

const FILL = `fs.mkdirSync('out'); fs.writeFileSync('out/x', '');`;

const build = (command: readonly string[], more: Partial<BuildWork> = {}) =>
  createCommandBuilder(keepImage).build({
    dir,
    commit: 'c'.repeat(40),
    image: 'registry.example.com/program',
    command,
    output: 'out',
    labels: {},
    timeoutMs: 120_000,
    layout: join(home, 'images'),
    log: () => {},
    signal: new AbortController().signal,
    ...more,
  });

const gate = (command: readonly string[], more: Partial<GateWork> = {}) =>
  createGateRunner(readReport).run({
    dir,
    command,
    timeoutMs: 120_000,
    env: {},
    log: () => {},
    signal: new AbortController().signal,
    ...more,
  });

const because = async (command: readonly string[], more: Partial<BuildWork> = {}) => {
  const outcome = await build(command, more);
  return outcome.outcome === 'failed' ? outcome.because : outcome.outcome;
};

describe('the environment of a build', () => {
  const environment = async (more: Partial<BuildWork> = {}): Promise<Record<string, string>> => {
    await build(script(`${FILL} fs.writeFileSync('env.json', JSON.stringify(process.env))`), more);
    return JSON.parse(await readFile(join(dir, 'env.json'), 'utf8'));
  };

  it('is small, its own, and holds nothing of the hub', async () => {
    process.env.FLEETFIX_TEST_SECRET = 'secret';
    const seen = await environment();
    delete process.env.FLEETFIX_TEST_SECRET;
    expect(Object.keys(seen).sort()).toEqual([
      'FLEETFIX_COMMIT',
      'FLEETFIX_IMAGE',
      'HOME',
      'LANG',
      'PATH',
      'SOURCE_DATE_EPOCH',
      'TMPDIR',
    ]);
    expect(seen).toMatchObject({
      FLEETFIX_COMMIT: 'c'.repeat(40),
      FLEETFIX_IMAGE: 'registry.example.com/program',
      PATH: process.env.PATH,
    });
  });

  it('has a home that is gone afterwards', async () => {
    const seen = await environment();
    expect(seen.HOME).toBe(seen.TMPDIR);
    expect(existsSync(seen.HOME!)).toBe(false);
  });

  it.each([
    ['2026-11-21T20:31:07Z', '1795293067'],
    ['2026-11-21T20:31:07.900Z', '1795293067'],
    ['yesterday', '0'],
    ['1900-01-01T00:00:00Z', '0'],
  ])('says when %s is the time of the commit', async (created, epoch) => {
    const seen = await environment({ labels: { 'org.opencontainers.image.created': created } });
    expect(seen.SOURCE_DATE_EPOCH).toBe(epoch);
  });
});

describe('the image of a build', () => {
  it('is called by its fix and line in the layout', async () => {
    const labels = { 'io.fleetfix.fix': 'FIX-12', 'io.fleetfix.line': 'release/4.19' };
    const outcome = await build(script(FILL), { labels });
    const index = JSON.parse(await readFile(join(home, 'images/index.json'), 'utf8'));
    expect(outcome).toMatchObject({ outcome: 'built', digest: index.manifests[0].digest });
    expect(index.manifests[0].annotations).toEqual({
      'org.opencontainers.image.ref.name': 'FIX-12-release-4.19',
    });
  });

  it('is not there when the layout cannot be written, with the reason', async () => {
    await writeFile(join(home, 'images'), 'a file');
    expect(await because(script(FILL))).toMatch(/^the image could not be written: E(EXIST|NOTDIR)/);
  });
});

describe('the reason of a failed build', () => {
  it.each<[string, string, string]>([
    ['the last line with something on it', `console.log('a'); console.error('b\\n\\n  \\n')`, 'b'],
    ['a line without its end', `process.stdout.write('a\\nb')`, 'b'],
    ['a line without colours and cursor moves', `console.log('\\x1b[31mred\\x1b[0m\\x1b[2K\\x07')`, 'red'],
    ['a progress bar as it was last', `process.stdout.write('10%\\r20%\\r')`, '20%'],
    ['a long line cut short', `console.log('x'.repeat(100000))`, `${'x'.repeat(199)}…`],
  ])('is %s', async (_what, print, line) => {
    expect(await because(script(`${print}; process.exitCode = 1`))).toBe(
      `"${process.execPath}" ended with exit code 1: ${line}`,
    );
  });

  it('is the exit code alone when nothing was said', async () => {
    expect(await because(script('process.exit(7)'))).toBe(`"${process.execPath}" ended with exit code 7`);
  });

  it('is a program that may not be executed', async () => {
    await writeFile(join(dir, 'build.sh'), '#!/bin/sh\n');
    expect(await because(['./build.sh'])).toBe(
      'could not start: builder.command names "./build.sh", which may not be executed',
    );
    await chmod(join(dir, 'build.sh'), 0o755);
    expect(await because(['./build.sh'])).toContain('output "out" does not exist');
  });

  it('is a tree that is gone', async () => {
    await rm(dir, { recursive: true });
    expect(await because(['true'])).toBe('the tree of the candidate is gone; try again');
  });

  it('is a command without a program', async () => {
    expect(await because([])).toBe('builder.command is empty: name a program');
  });
});

it('a build takes with it what it left running', async () => {
  const left = script(`${FILL}
    const { pid } = require('node:child_process').spawn('sleep', ['600'], { stdio: 'inherit' });
    fs.writeFileSync('pid', String(pid)); process.exit(0)`);
  expect(await build(left)).toMatchObject({ outcome: 'built' });
  const pid = Number(await readFile(join(dir, 'pid'), 'utf8'));
  // Where nobody collects orphans it stays as a zombie, which runs no more.
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone');
  expect(state === 'gone' || state.includes(') Z ')).toBe(true);
});

it('no text of a configuration is read as syntax of a shell', async () => {
  const argument = '$(touch injected); `touch injected` && touch injected';
  await build(script(FILL).concat('--', argument));
  expect(await readdir(dir)).toEqual(['out']);
});

describe('the report of a gate', () => {
  const passed = '<testsuite><testcase name="a"/></testsuite>';

  it('is not believed when it lay in the tree already', async () => {
    await writeFile(join(dir, 'report.xml'), passed);
    expect(await gate(script(''), { junit: 'report.xml' })).toMatchObject({
      result: 'fail',
      note: 'no report "report.xml" was written',
    });
  });

  it('is not read through a link, nor outside the tree, nor removed there', async () => {
    const outside = join(home, 'report.xml');
    await writeFile(outside, passed);
    const linked = script(`fs.symlinkSync(${JSON.stringify(outside)}, 'report.xml')`);
    expect((await gate(linked, { junit: 'report.xml' })).note).toBe(
      'the report "report.xml" is not a plain file',
    );
    await symlink(home, join(dir, 'reports'));
    const note = 'the report "reports/report.xml" lies outside the tree; name a path inside it';
    expect(await gate(script(''), { junit: 'reports/report.xml' })).toMatchObject({ result: 'fail', note });
    expect(await readFile(outside, 'utf8')).toBe(passed);
  });

  it('may lie in a folder that the command makes', async () => {
    const command = script(
      `fs.mkdirSync('a/b', { recursive: true }); fs.writeFileSync('a/b/c.xml', '${passed}')`,
    );
    expect(await gate(command, { junit: 'a/b/c.xml' })).toMatchObject({
      result: 'pass',
      note: '1 test passed',
    });
  });

  it('that is too large is not read', async () => {
    const command = script(`fs.writeFileSync('r.xml', ''); fs.truncateSync('r.xml', 256 * 1024 * 1024 + 1)`);
    expect((await gate(command, { junit: 'r.xml' })).note).toBe(
      'the report "r.xml" has 268435457 bytes; at most 268435456 are read',
    );
  });

  it('names the first tests that failed', async () => {
    const cases = Array.from({ length: 7 }, (_, n) => `<testcase name="t${n}"><failure/></testcase>`).join(
      '',
    );
    const command = script(`fs.writeFileSync('r.xml', '<testsuite>${cases}</testsuite>'); process.exit(1)`);
    expect(await gate(command, { junit: 'r.xml' })).toMatchObject({
      result: 'fail',
      note: '7 of 7 tests failed: t0, t1, t2, t3, t4, …',
      counts: { tests: 7, failures: 7, skipped: 0 },
    });
  });

  it('whose totals claim failures that no test shows does not pass', async () => {
    const command = script(
      `fs.writeFileSync('r.xml', '<testsuite errors="2"><testcase name="a"/></testsuite>')`,
    );
    expect(await gate(command, { junit: 'r.xml' })).toMatchObject({
      result: 'fail',
      note: "the report's totals claim 2 failures that its tests do not show",
    });
  });

  it('tells what was skipped', async () => {
    const xml =
      '<testsuite><testcase name="a"/><testcase name="b"/><testcase name="c"><skipped/></testcase></testsuite>';
    const command = script(`fs.writeFileSync('r.xml', '${xml}')`);
    expect((await gate(command, { junit: 'r.xml' })).note).toBe('2 tests passed, 1 skipped');
  });
});

it('a gate that takes too long says which setting to raise', async () => {
  const outcome = await gate(script('setInterval(() => {}, 1000)'), { timeoutMs: 1_000 });
  expect(outcome.note).toMatch(
    /^timed out after 1s \(limit 1s; raise the gate's timeout if it needs longer\)$/,
  );
});

describe('whether a command ended by itself', () => {
  it.each<[string, readonly string[], Partial<GateWork>]>([
    ['with exit code 0', script(''), {}],
    ['with another', script('process.exit(3)'), {}],
    ['with 255, which no signal has', script('process.exit(255)'), {}],
    ['without the report it was to write', script(''), { junit: 'r.xml' }],
  ])('is told where it ended %s', async (_, command, more) => {
    expect(await gate(command, more)).toHaveProperty('ended', true);
  });

  it.each<[string, readonly string[], Partial<GateWork>]>([
    ['did not start', ['no-such-program'], {}],
    ['was killed', script(`process.kill(process.pid, 'SIGKILL')`), {}],
    ['took too long', script('setInterval(() => {}, 1000)'), { timeoutMs: 500 }],
    ['had no tree', script(''), { dir: join(tmpdir(), 'no-such-tree') }],
    ['was a shell that found no program', ['sh', '-c', 'no-such-program'], {}],
    ['was a shell whose program was killed', ['sh', '-c', 'sh -c "kill -9 \\$\\$"; exit $?'], {}],
    ['was given files that cannot be laid over', script(''), { over: { from: '', paths: ['t'] } }],
  ])('is denied where it %s', async (_, command, more) => {
    const from = join(home, 'from');
    await mkdir(join(from, 't'), { recursive: true });
    const outcome = await gate(command, { ...more, ...(more.over && { over: { ...more.over, from } }) });
    expect(outcome.result).toBe('fail');
    expect(outcome).not.toHaveProperty('ended');
  });
});

describe('the cases of a report', () => {
  const writes = (cases: string) =>
    script(`fs.writeFileSync('r.xml', ${JSON.stringify(`<testsuite name="s">${cases}</testsuite>`)})`);
  const told = async (cases: string, asked: GateWork['cases']) =>
    (await gate(writes(cases), { junit: 'r.xml', ...(asked && { cases: asked }) })).cases;
  const called = (name: string, file = '') => ({ file, classname: 'c', name });
  const one = (name: string, inner = '', file = '') =>
    `<testcase classname="c" name="${name}"${file && ` file="${file}"`}>${inner}</testcase>`;

  it('are named when they are asked for: those that failed, as they are called in any tree', async () => {
    const cases = [
      one('a', '<failure/>', join(dir, 'test/a.mjs')),
      one('b', '<error/>'),
      one('c', '<skipped/>'),
      one('d'),
    ].join('');
    expect(await told(cases, { tell: 'failed' })).toEqual([called('a', 'test/a.mjs'), called('b')]);
    expect(await told(cases, undefined)).toBeUndefined();
  });

  it('that were asked for passed only where they ran, and in no run of them did otherwise', async () => {
    const cases = [one('a'), one('b', '<skipped/>'), one('c'), one('c', '<skipped/>'), one('d')].join('');
    const of = ['a', 'b', 'c', 'gone'].map((name) => called(name));
    expect(await told(cases, { tell: 'passed', of })).toEqual([called('a')]);
  });

  it('are at most a thousand, and a suite that broke is none', async () => {
    const many = Array.from({ length: 1_100 }, (_, n) => one(`t${n}`, '<failure/>')).join('');
    expect(await told(many, { tell: 'failed' })).toHaveLength(1_000);
    expect(await told(`<failure/>${one('a')}`, { tell: 'failed' })).toEqual([]);
  });
});
