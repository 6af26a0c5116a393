import { describe, expect, test } from 'vitest';
import { PLAIN } from '../../src/cli/render/paper.ts';
import { renderPlan } from '../../src/cli/render/plan.ts';
import { renderStatus } from '../../src/cli/render/status.ts';
import { renderWhy } from '../../src/cli/render/why.ts';
import type { FixView } from '../../src/core/views/fix-view.ts';
import type { PlanView } from '../../src/core/views/plan-view.ts';
import type { WhyView } from '../../src/core/views/why-view.ts';
import { recordedHub, runCli } from './hub.ts';
import { expectGolden, mustBeRecorded, recorded, worlds } from './world.ts';

// A recorded world is what the hub answered; its golden files are what a person sees of it.

describe.each(worlds())('world %s', (world) => {
  const view = mustBeRecorded<FixView>(world, 'view');

  test('status shows the recorded screen', async () => {
    const { fetch } = recordedHub(world);
    const { exit, out, err } = await runCli(['status', view.id], { fetch });
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expectGolden(world, 'status.txt', out);
    expect(renderStatus(view, PLAIN), 'the renderer and the command agree').toBe(out);
  });

  test('status -o json is the view as the hub gave it', async () => {
    const { fetch } = recordedHub(world);
    const { out } = await runCli(['status', view.id, '-o', 'json'], { fetch });
    expect(JSON.parse(out)).toEqual(view);
  });
});

const having = (name: string) => worlds().filter((world) => recorded(world, name) !== undefined);

test.each(having('plan'))('plan of world %s shows the recorded screen', (world) => {
  expectGolden(world, 'plan.txt', renderPlan(mustBeRecorded<PlanView>(world, 'plan'), PLAIN));
});

test.each(having('why'))('why of world %s shows the recorded screen', (world) => {
  expectGolden(world, 'why.txt', renderWhy(mustBeRecorded<WhyView>(world, 'why'), PLAIN));
});

test.each(having('forecast'))('plan of world %s ends with its forecast', async (world) => {
  const { id, fix } = mustBeRecorded<PlanView>(world, 'plan');
  const { out, err } = await runCli(['plan', fix, '--plan', id], recordedHub(world));
  expectGolden(world, 'plan-forecast.txt', `${out}${err}`);
});

test('a plan whose forecast cannot be had is shown all the same', async () => {
  const { out, err, exit } = await runCli(['plan', 'FIX-128'], recordedHub('rolling-out'));
  expect(exit).toBe(0);
  expect(out).toMatch(/^Plan P-7f3a0c12/);
  expect(err).toContain('forecast: not now');
});

test.each(having('plan'))('no line of the plan of world %s is longer than a narrow terminal', (world) => {
  const text = renderPlan(mustBeRecorded<PlanView>(world, 'plan'), { ...PLAIN, width: 80 });
  expect(text.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
});

test.each(worlds())('no line of the status of world %s is longer than a narrow terminal', (world) => {
  const text = renderStatus(mustBeRecorded<FixView>(world, 'view'), { ...PLAIN, width: 80 });
  expect(text.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
});

describe('variants of one world', () => {
  const world = 'rolling-out';
  const view = mustBeRecorded<FixView>(world, 'view');
  const io = { fetch: recordedHub(world).fetch, isTty: true };
  const env = { XDG_CACHE_HOME: '/dev/null/none', XDG_CONFIG_HOME: '/dev/null/none' };

  test('a terminal gets colour', async () => {
    const { out } = await runCli(['status', view.id], { ...io, env });
    expectGolden(world, 'status.colour.txt', out);
  });

  test.each([
    ['NO_COLOR', { ...env, NO_COLOR: '1' }, []],
    ['TERM=dumb', { ...env, TERM: 'dumb' }, []],
    ['--no-color', env, ['--no-color']],
  ])('%s takes every escape sequence away', async (_name, given, flags) => {
    const { out } = await runCli(['status', view.id, ...flags], { ...io, env: given });
    expect(out).toBe(renderStatus(view, PLAIN));
  });

  test('--ascii has ASCII only and the same columns', async () => {
    const { out } = await runCli(['status', view.id, '--ascii'], { fetch: io.fetch });
    expectGolden(world, 'status.ascii.txt', out);
    expect(out).toMatch(/^[\x20-\x7e\n]*$/);
    const lengths = (text: string) => text.split('\n').map((line) => [...line].length);
    expect(lengths(out)).toEqual(lengths(renderStatus(view, PLAIN)));
  });

  test('no line is longer than a narrow terminal', async () => {
    const { out } = await runCli(['status', view.id], { ...io, env: { ...env, NO_COLOR: '1' }, width: 80 });
    expectGolden(world, 'status.80.txt', out);
    expect(Math.max(...out.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80);
  });

  test('-o wide adds machine and people time and what is in flight', async () => {
    const { out } = await runCli(['status', view.id, '-o', 'wide'], { fetch: io.fetch });
    expectGolden(world, 'status.wide.txt', out);
  });
});

describe('other screens of one world', () => {
  const world = 'rolling-out';
  test.each([
    ['status-all.txt', ['status']],
    ['describe.txt', ['describe', 'FIX-128']],
    ['describe-target.txt', ['describe', 'target/cp-7f3a']],
    ['diff.txt', ['diff', 'FIX-128']],
    ['diff.stat.txt', ['diff', 'FIX-128', '--stat']],
    ['timeline.txt', ['timeline', 'FIX-128']],
    ['targets.txt', ['get', 'targets', '--for', 'FIX-128', '--limit', '8']],
    ['stages.txt', ['get', 'stages', '--for', 'FIX-128']],
    ['evidence.txt', ['get', 'evidence', '--for', 'FIX-128']],
    ['agents.txt', ['get', 'agents']],
    ['gates.txt', ['get', 'gates']],
    ['debts.txt', ['get', 'debts']],
    ['policies.txt', ['get', 'policies']],
    ['people.txt', ['people', 'list']],
    ['doctor.txt', ['doctor']],
  ])('%s', async (file, argv) => {
    const { fetch } = recordedHub(world);
    const { out } = await runCli(argv, { fetch });
    expectGolden(world, file, out);
  });
});

test('a release that was prepared is told from one that control planes are on', async () => {
  const { out, err, exit } = await runCli(['describe', 'FIX-128'], recordedHub('covered'));
  expect({ err, exit }).toEqual({ err: '', exit: 0 });
  expectGolden('covered', 'describe.txt', out);
  expect(out).toMatch(/^4\.20\.4 .* 0, prepared +clean/m);
  expect(out).toContain('prepared by adiaz: this release has the fix already');
});

describe('the closing checklist', () => {
  test('is a table, and the commands that are next', async () => {
    const { out, err, exit } = await runCli(['checklist', 'FIX-128'], recordedHub('closing'));
    expect({ err, exit }).toEqual({ err: '', exit: 0 });
    expectGolden('closing', 'checklist.txt', out);
  });

  test('as JSON is its items', async () => {
    const { out } = await runCli(['checklist', 'FIX-128', '-o', 'json'], recordedHub('closing'));
    const { checklist } = mustBeRecorded<FixView>('closing', 'view');
    expect(JSON.parse(out)).toEqual({ items: checklist });
  });

  test('is said not to be there where the policy asks for nothing', async () => {
    const { out, exit } = await runCli(['checklist', 'FIX-128'], recordedHub('covered'));
    expect({ out, exit }).toEqual({
      out: 'FIX-128 has no checklist: its policy asks for nothing when it is closed.\n',
      exit: 0,
    });
  });
});

describe('screens of a conflict', () => {
  const world = 'conflict';
  test.each([
    ['describe.txt', ['describe', 'FIX-128']],
    ['diff.txt', ['diff', 'FIX-128']],
  ])('%s', async (file, argv) => {
    const { out, err, exit } = await runCli(argv, { fetch: recordedHub(world).fetch });
    expect({ err, exit }).toEqual({ err: '', exit: 0 });
    expectGolden(world, file, out);
  });

  test('on a narrow terminal sentences are wrapped; code, paths and commands are not', async () => {
    const env = { XDG_CACHE_HOME: '/dev/null/none', XDG_CONFIG_HOME: '/dev/null/none', NO_COLOR: '1' };
    const { fetch } = recordedHub(world);
    const { out } = await runCli(['diff', 'FIX-128'], { fetch, isTty: true, env, width: 80 });
    expectGolden(world, 'diff.80.txt', out);
    const long = out.split('\n').filter((line) => [...line].length > 80);
    expect(long.filter((line) => !/take it:|git diff/.test(line))).toEqual([]);
  });
});
