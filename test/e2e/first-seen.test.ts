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

/** What the hub and people decided in one run of the demo, in order. */
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
    return records.flat().map(({ fix, author, event }) => `${fix} ${author} ${event.type} `);
  } finally {
    await simulated.close();
  }
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

test('the demo decides, to its end, what the README shows that it decided when that was written', async () => {
  const printed: string[] = [];
  const all = await decisions(FIRST_SEEN, (text) => printed.push(text));
  expect(all.filter((d) => d.includes(' TargetsStarted ')).length).toBeGreaterThan(5);
  expect(all.filter((d) => d.includes(' Halted '))).toHaveLength(1);
  const lines = new Set(
    printed
      .join('')
      .split('\n')
      .map((line) => line.trimEnd()),
  );
  // Times, digests, waves and figures of evidence: another machine and another day give the same.
  expect(shown().filter((line) => !lines.has(line))).toEqual([]);
});
