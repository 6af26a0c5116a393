import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isDigest } from '../core/base/ids.ts';
import type { Builder, BuildOutcome, BuildWork, GateRunner, GateWork } from './builder.ts';

/** A command that runs a script of JavaScript; every machine that runs the product has Node. */
export const script = (text: string): readonly string[] => [
  process.execPath,
  '-e',
  `const fs = require('node:fs');${text}`,
];

/** A program that does not end by itself nor when asked to, and says `ready` once that holds. */
export const STUBBORN = script(
  `process.on('SIGTERM', () => {}); process.on('SIGINT', () => {}); setInterval(() => {}, 1000); console.log('ready');`,
);

const FILL = `fs.mkdirSync('out'); fs.writeFileSync('out/program', 'content', { mode: 0o755 });`;
const COMMIT = 'c0ffee'.padEnd(40, '0');

/** What every builder promises. `make` is called for each test. */
export function builderContract(make: () => Builder): void {
  describe('builder', () => {
    const home = freshHome();
    const build = (command: readonly string[], more: Partial<BuildWork> = {}) =>
      make().build({
        dir: home.tree(),
        commit: COMMIT,
        image: 'registry.example.com/program',
        command,
        output: 'out',
        labels: { component: 'program' },
        timeoutMs: 60_000,
        layout: join(home.dir(), 'images'),
        log: () => {},
        signal: new AbortController().signal,
        ...more,
      });

    it('turns what the command puts into its output into an image with a digest', async () => {
      const outcome = await build(script(FILL));
      expect(outcome).toMatchObject({ outcome: 'built', tookMs: expect.any(Number) });
      expect(isDigest(digestOf(outcome))).toBe(true);
    });

    it('gives the same tree, command and labels the same digest, and another commit another', async () => {
      const first = await build(script(FILL));
      await home.renew();
      const again = await build(script(FILL));
      await home.renew();
      const other = await build(script(FILL), { commit: 'd'.repeat(40) });
      expect(digestOf(again)).toBe(digestOf(first));
      expect(digestOf(other)).not.toBe(digestOf(first));
    });

    it('passes on what the command prints while it prints it', async () => {
      const printed: string[] = [];
      const stop = new AbortController();
      const running = build(STUBBORN, {
        signal: stop.signal,
        log: (chunk) => {
          printed.push(chunk);
          stop.abort();
        },
      });
      expect(await running).toMatchObject({ outcome: 'failed', because: expect.stringContaining('stopped') });
      expect(printed.join('')).toBe('ready\n');
    });

    it.each<[string, readonly string[], RegExp]>([
      [
        'fails, with the last thing it said',
        script(`console.error('no space'); process.exit(3)`),
        /exit code 3: no space$/,
      ],
      ['is killed', script(`process.kill(process.pid, 'SIGKILL')`), /killed by SIGKILL/],
      ['does not exist', ['no-such-program'], /could not start.*no-such-program/],
      ['makes no output', script(''), /"out".*does not exist/],
      ['makes an empty output', script(`fs.mkdirSync('out')`), /"out".*empty/],
      ['makes a file of its output', script(`fs.writeFileSync('out', 'x')`), /"out".*not a folder/],
      ['links its output to somewhere else', script(`fs.symlinkSync('/usr', 'out')`), /"out".*leads out/],
    ])('a command that %s is a failed build with its reason in one line', async (_what, command, because) => {
      const outcome = await build(command);
      expect(outcome.outcome).toBe('failed');
      expect(reasonIn(outcome)).toMatch(because);
      expect(reasonIn(outcome)).not.toContain('\n');
      expect(existsSync(join(home.dir(), 'images', 'index.json'))).toBe(false);
    });

    it('ends a command that hangs and ignores SIGTERM at its limit, and says how to raise it', async () => {
      const outcome = await build(STUBBORN, { timeoutMs: 1_000 });
      expect(reasonIn(outcome)).toMatch(/^timed out after .* \(limit 1s; raise builder\.timeout/);
    });

    it('does not begin when it was stopped before', async () => {
      const outcome = await build(script(FILL), { signal: AbortSignal.abort() });
      expect(reasonIn(outcome)).toMatch(/stopped/);
      expect(existsSync(join(home.tree(), 'out'))).toBe(false);
    });
  });
}

/** What every runner of gates promises. */
export function gateRunnerContract(make: () => GateRunner): void {
  describe('gate runner', () => {
    const home = freshHome();
    const gate = (command: readonly string[], more: Partial<GateWork> = {}) =>
      make().run({
        dir: home.tree(),
        command,
        timeoutMs: 60_000,
        env: { FLEETFIX_DIGEST: `sha256:${'a'.repeat(64)}` },
        log: () => {},
        signal: new AbortController().signal,
        ...more,
      });
    const report = (cases: string, code = 0) =>
      script(
        `fs.writeFileSync('report.xml', ${JSON.stringify(`<testsuite>${cases}</testsuite>`)}); process.exit(${code})`,
      );
    const PASSED = '<testcase name="a"/>';
    const FAILED = '<testcase name="b"><failure/></testcase>';

    it('passes a command that ends with exit code 0', async () => {
      expect(await gate(script(''))).toMatchObject({ result: 'pass', tookMs: expect.any(Number) });
    });

    it('gives the command what it needs to know', async () => {
      const asked = script(`process.exit(process.env.FLEETFIX_DIGEST.startsWith('sha256:aa') ? 0 : 1)`);
      expect((await gate(asked)).result).toBe('pass');
    });

    it('passes a report in which a test passed and none failed, with its counts', async () => {
      expect(await gate(report(PASSED), { junit: 'report.xml' })).toMatchObject({
        result: 'pass',
        counts: { tests: 1, failures: 0, skipped: 0 },
      });
    });

    it.each<[string, readonly string[], RegExp]>([
      ['ends with another exit code', script(`console.log('bad'); process.exit(2)`), /exit code 2: bad$/],
      ['ends well, but with a test that failed', report(PASSED + FAILED), /^1 of 2 tests failed: b$/],
      ['ends badly, though no test failed', report(PASSED, 1), /exit code 1/],
      ['ran no test', report(''), /holds no test/],
      ['skipped every test', report('<testcase name="a"><skipped/></testcase>'), /all 1 tests were skipped/],
      ['wrote no report', script(''), /no report "report\.xml" was written/],
      ['wrote no XML', script(`fs.writeFileSync('report.xml', 'PASS')`), /"report\.xml" cannot be read/],
      ['does not exist', ['no-such-program'], /could not start/],
    ])('fails a gate whose command %s', async (_what, command, note) => {
      const outcome = await gate(command, { junit: 'report.xml' });
      expect(outcome.result).toBe('fail');
      expect(outcome.note).toMatch(note);
    });

    it('tells how long each test took, whatever came of the gate, and of no report nothing', async () => {
      const cases = '<testcase classname="c" name="a" time="1.5"/><testcase name="b"><failure/></testcase>';
      const asked = { junit: 'report.xml', times: true } as const;
      expect(await gate(report(cases, 1), asked)).toMatchObject({
        result: 'fail',
        times: {
          leftOut: 0,
          tests: [
            { suites: [], file: '', classname: 'c', name: 'a', seconds: 1.5, result: 'passed' },
            { name: 'b', seconds: 0, result: 'failed' },
          ],
        },
      });
      for (const none of [script(`fs.writeFileSync('report.xml', 'PASS')`), script('')])
        expect(await gate(none, asked)).not.toHaveProperty('times');
      expect(await gate(report(cases), { junit: 'report.xml' })).not.toHaveProperty('times');
    });

    it('tells paths of tests from the tree that they ran in', async () => {
      const written = script(
        `fs.writeFileSync('report.xml', '<testsuite name="' + process.cwd() + '/test"><testcase name="a" file="' + process.cwd() + '/test/a.mjs"/></testsuite>')`,
      );
      expect(await gate(written, { junit: 'report.xml', times: true })).toMatchObject({
        times: { tests: [{ suites: ['test'], file: 'test/a.mjs' }] },
      });
    });

    it('ends a command that hangs and ignores SIGTERM at its limit', async () => {
      const outcome = await gate(STUBBORN, { timeoutMs: 1_000 });
      expect(outcome).toMatchObject({ result: 'fail', note: expect.stringContaining('timed out') });
    });
  });
}

const digestOf = (outcome: BuildOutcome): string =>
  outcome.outcome === 'built' ? outcome.digest : outcome.because;
const reasonIn = (outcome: BuildOutcome): string =>
  outcome.outcome === 'failed' ? outcome.because : outcome.digest;

/** A folder for each test with a `tree` in it, removed afterwards; `renew` empties the tree. */
function freshHome() {
  let dir: string;
  const renew = async () => {
    await rm(join(dir, 'tree'), { recursive: true, force: true });
    await mkdir(join(dir, 'tree'));
  };
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'builder-contract-'));
    await renew();
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));
  return { dir: () => dir, tree: () => join(dir, 'tree'), renew };
}
