import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoOptions } from '../cli/io.ts';
import { announce, stopped } from '../hub/main.ts';
import { demoConfig } from './demo/config.ts';
import { makeRepository } from './demo/repository.ts';
import { play } from './demo/script.ts';
import { openStage } from './demo/stage.ts';
import { summarise, summaryText } from './demo/summary.ts';
import { startSimulatedHub } from './simulated-hub.ts';
import { CALM } from './world-spec.ts';

/** The night of the incident. Fixed, so that the same seed gives the same decisions at the same times. */
const EPOCH = '2026-03-02T03:00:00.000Z';

/** Fewer control planes do not fill a one-box and leave any to wait for it. */
const PLANES_MIN = 20;
const SMALL = 100;

/** `fleetfix demo`: the whole route on a bare machine, and what it came to. Gives the exit code. */
export async function demo(options: DemoOptions): Promise<number> {
  if (options.planes < PLANES_MIN) {
    process.stderr.write(
      `fleetfix: --planes ${options.planes}: the demo's rollout needs at least ${PLANES_MIN}\n`,
    );
    return 2;
  }
  const began = performance.now();
  const json = options.output === 'json';
  // Data goes to stdout; with JSON wanted, the talk goes to stderr.
  const out = (text: string) => void (json ? process.stderr : process.stdout).write(text);
  const dir = await mkdtemp(join(tmpdir(), 'fleetfix-demo-'));
  out(
    `Making a repository with four release branches and a bug, and a fleet of ${options.planes} control planes\n` +
      'engineer, qe, approver and on-call are four people with a token each. Their time and the fleet are simulated;\n' +
      'the repository, the builds, the tests, the database and the hub are real.\n',
  );
  const repository = await makeRepository(join(dir, 'repository'));
  const config = demoConfig({ repository: repository.dir, seed: options.seed, planes: options.planes });
  const interrupted = stopped();
  const simulated = await startSimulatedHub({
    config,
    dataDir: join(dir, 'data'),
    epoch: EPOCH,
    logLevel: process.env.FLEETFIX_LOG ?? 'error',
    isThrownAway: true,
    // In a small fleet one control plane that falls ill by itself would be a twelfth of the one-box.
    nature: {
      ...(options.planes < SMALL ? CALM : {}),
      createdPerPlaneHour: 0,
      recreatedShare: 0,
      upgradedPerPlaneHour: 0,
    },
  });
  try {
    const stage = await openStage(simulated, { out });
    const first = await Promise.race([play({ stage, simulated, repository }), interrupted]);
    if (first === undefined) return 130;
    const summary = await summarise(simulated, {
      seed: options.seed,
      planes: options.planes,
      fixes: first.fixes,
    });
    if (json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    else out(`\n${summaryText(summary, { wallMs: performance.now() - began })}`);
    if (options.keep) {
      announce(simulated);
      process.stderr.write('  the demo is over, the hub goes on; Ctrl-C ends it\n');
      const stop = new AbortController();
      const moving = simulated.pump.runFree(60, stop.signal);
      await interrupted;
      stop.abort();
      await moving;
    }
    return summary.fixes.every(({ ledger }) => ledger.verified && ledger.same) ? 0 : 1;
  } finally {
    await simulated.close();
    await rm(dir, { recursive: true, force: true });
  }
}
