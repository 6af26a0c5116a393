import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { demoConfig } from '../../src/simulator/demo/config.ts';
import { play } from '../../src/simulator/demo/script.ts';
import { openStage } from '../../src/simulator/demo/stage.ts';
import { startSimulatedHub } from '../../src/simulator/simulated-hub.ts';
import { type Ground, layGround } from './ground.ts';

const grounds: Ground[] = [];
afterAll(() => {
  for (const ground of grounds) ground.clear();
});

type World = { readonly seed: number; readonly planes: number };

/** The one that `npm run demo` plays when it is told nothing: whoever tries it first sees that, and it must reach its end. */
const FIRST_SEEN: World = { seed: 1, planes: 200 };

/** Everything the hub and people decided in one run of the demo: what, about whom, and why, in order. */
async function decisions({ seed, planes }: World, out = (_: string) => {}): Promise<string[]> {
  const ground = await layGround();
  grounds.push(ground);
  const { repository } = ground;
  const simulated = await startSimulatedHub({
    config: demoConfig({ repository: repository.dir, seed, planes }),
    dataDir: join(ground.dir, 'data'),
    epoch: '2026-03-02T03:00:00.000Z',
    logLevel: 'fatal',
    isThrownAway: true,
    nature: { createdPerPlaneHour: 0, recreatedShare: 0, upgradedPerPlaneHour: 0 },
  });
  try {
    const stage = await openStage(simulated, { out });
    const { fixes } = await play({ stage, simulated, repository });
    const records = await Promise.all(fixes.map(({ id }) => simulated.storage.ledger.events(id)));
    return records.flat().flatMap(({ fix, author, event }) => {
      // Lines are worked on at once, and who of them is first is the machine's matter; what comes out is not.
      const { type, ...rest } = event;
      return type === 'PersonAwaited' ? [] : [`${fix} ${author} ${type} ${JSON.stringify(timeless(rest))}`];
    });
  } finally {
    await simulated.close();
  }
}

const MACHINE_TIMES = ['ms', 'signsMs', 'tookMs'];

/** How long real work took is the one thing that may differ. */
const timeless = (value: object): unknown =>
  JSON.parse(JSON.stringify(value, (key, v) => (MACHINE_TIMES.includes(key) ? undefined : v)));

/** Up to the proof lines move independently; from the plan on, order is part of the decision. */
function inOrder(all: readonly string[]) {
  const machine = / (LineAssembled|BuildStarted|Built|GateRan) /;
  return { lines: all.filter((d) => machine.test(d)).sort(), rest: all.filter((d) => !machine.test(d)) };
}

/** What the README shows of the demo, but for what machine time makes different, and for the summary after it. */
function shown(): string[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, block] = readme.split(/<!-- demo: (?:begin|end) -->/);
  const [play] = block!.split(/^FIX-2 .*\n {2}ended/m);
  const isMachineTime = (line: string) => /^(assembly|build|proof) +done/.test(line);
  const lines = play!.split('\n').map((line) => line.trimEnd());
  return lines.filter((line) => !['', '…', '```text'].includes(line.trim()) && !isMachineTime(line));
}

test('the demo played twice with one seed decides the same, and prints what the README shows', async () => {
  const printed: string[] = [];
  const first = inOrder(await decisions(FIRST_SEEN, (text) => printed.push(text)));
  const lines = new Set(
    printed
      .join('')
      .split('\n')
      .map((line) => line.trimEnd()),
  );
  expect(shown().filter((line) => !lines.has(line))).toEqual([]);
  expect(first.rest.filter((d) => d.includes(' TargetsStarted ')).length).toBeGreaterThan(5);
  expect(first.rest.filter((d) => d.includes(' Halted '))).toHaveLength(1);
  expect(inOrder(await decisions(FIRST_SEEN))).toEqual(first);
}, 340_000);
