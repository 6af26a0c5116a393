// Following many control planes, in a process of its own: what is left of other measurements would count as memory.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { openJournal } from '../../src/adapters/journal/index.ts';
import { createHubClock } from '../../src/agent/hub-clock.ts';
import type { Kind } from '../../src/agent/mirror/kinds.ts';
import { createMirror, type Mirror } from '../../src/agent/mirror/mirror.ts';
import type { AgentParts } from '../../src/agent/parts.ts';
import { createReporter, type Reporter } from '../../src/agent/reporter.ts';
import type { Digest } from '../../src/core/base/ids.ts';
import { instantOf } from '../../src/core/base/instant.ts';
import type { WireReport } from '../../src/wire/agent.ts';
import type { Measured } from '../bench.ts';
import { SETTINGS } from './agent.ts';
import { COMPONENT, MANAGEMENT_CLUSTER } from './hub.ts';
import { objectsOf, PODS, WORKLOADS } from './made-up.ts';

const LOOKS = 5;
const CHANGES = 100;

type Outcome = {
  /** MiB of heap and RSS: before anything, with everything in the mirror, after all was told to the hub. */
  readonly heap: readonly number[];
  readonly rss: readonly number[];
  readonly peakRss: number;
  readonly firstLookMs: number;
  readonly looksMs: readonly number[];
  readonly changedLooksMs: readonly number[];
};

/** What a mirror and a reporter of so many control planes take; prints the memory. */
export async function measureFollowing(
  planes: number,
  print: (text: string) => void,
): Promise<readonly Measured[]> {
  const outcome = await inOwnProcess(planes);
  const { heap, rss, peakRss, firstLookMs } = outcome;
  print(
    `${planes} control planes of ${WORKLOADS} workloads and ${PODS} pods: heap ${heap.join(' → ')} MiB, ` +
      `RSS ${rss.join(' → ')} MiB (nothing → mirrored → reported), at most ${peakRss} MiB; first look ${Math.round(firstLookMs)} ms`,
  );
  return [
    { what: `a look at all of ${planes} control planes`, unit: 'ms', samples: outcome.looksMs },
    {
      what: `a look after a change in ${CHANGES} of ${planes} control planes`,
      unit: 'ms',
      samples: outcome.changedLooksMs,
    },
  ];
}

async function inOwnProcess(planes: number): Promise<Outcome> {
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--max-old-space-size=16000', import.meta.filename, `${planes}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [said, [code]] = await Promise.all([
    text(child.stdout),
    new Promise<[number | null]>((resolve) => child.once('exit', (code) => resolve([code]))),
  ]);
  if (code !== 0) throw new Error(`following ${planes} control planes ended with ${code}`);
  return JSON.parse(said) as Outcome;
}

/** Whole objects, as the API server says them, through what an informer calls. */
function fill(mirror: Mirror, planes: number): void {
  for (const kind of mirror.kinds) {
    const all = new Map<string, NonNullable<ReturnType<Kind['keep']>>>();
    for (let n = 0; n < planes; n += 1)
      for (const object of objectsOf(kind.resource.plural, n)) {
        const kept = kind.keep(JSON.parse(object));
        if (kept !== undefined) all.set(kept.metadata.uid, kept);
      }
    kind.onSynced(all);
  }
}

/** One pod of some control planes starts anew. */
function change(mirror: Mirror, from: number, planes: number): void {
  const kind = mirror.kinds.find(({ resource }) => resource.plural === 'pods')!;
  for (let at = 0; at < CHANGES; at += 1) {
    const n = (from + at * Math.max(1, Math.floor(planes / CHANGES))) % planes;
    const [pod] = objectsOf('pods', n);
    const kept = kind.keep(JSON.parse(pod!.replace('"ready":true', `"ready":${from % 2 === 0}`)))!;
    kind.onChanged(kept, kept.metadata.uid);
  }
}

async function told(reporter: Reporter): Promise<number> {
  const began = performance.now();
  await reporter.look();
  const tookMs = performance.now() - began;
  checked(reporter.report());
  await reporter.answered({ taken: true, resync: false });
  return tookMs;
}

/** A made-up control plane that is not understood would cost less than a real one. */
function checked({ planes }: WireReport): void {
  const unclear = planes.find(({ components }) => components[COMPONENT]?.release === undefined);
  if (unclear !== undefined) throw new Error(`what it runs cannot be told: ${JSON.stringify(unclear)}`);
}

async function follow(planes: number): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), 'agent-bench-'));
  const journal = await openJournal(join(dir, 'journal.jsonl'));
  const clock = createHubClock(() => performance.now());
  clock.heard(instantOf(Date.now()));
  const mirror = createMirror(SETTINGS, () => performance.now());
  const reporter = createReporter({
    mirror,
    journal,
    clock,
    settings: SETTINGS,
    sameImage: (digest: Digest) => digest,
    commitOf: () => undefined,
    log: pino({ level: 'silent' }),
    run: MANAGEMENT_CLUSTER,
  } as unknown as AgentParts);
  const heap: number[] = [];
  const rss: number[] = [];
  const weigh = () => {
    globalThis.gc!();
    const now = process.memoryUsage();
    heap.push(Math.round(now.heapUsed / 2 ** 20));
    rss.push(Math.round(now.rss / 2 ** 20));
  };
  try {
    weigh();
    fill(mirror, planes);
    weigh();
    const firstLookMs = await told(reporter);
    weigh();
    const looksMs: number[] = [];
    const changedLooksMs: number[] = [];
    for (let n = 0; n < LOOKS; n += 1) {
      mirror.touchAll();
      looksMs.push(await told(reporter));
      change(mirror, n, planes);
      changedLooksMs.push(await told(reporter));
    }
    const peakRss = Math.round(process.resourceUsage().maxRSS / 2 ** 10);
    return { heap, rss, peakRss, firstLookMs, looksMs, changedLooksMs };
  } finally {
    await journal.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename)
  process.stdout.write(JSON.stringify(await follow(Number(process.argv[2]))));
