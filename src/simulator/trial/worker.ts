// One thread of a campaign: plays the seeds it is sent, one after the other, until it is told to end.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openSigner } from '../../adapters/signer/index.ts';
import { playOnBoth } from './both.ts';
import type { Asked, Said, WorkerData } from './campaign.ts';
import { joinGround, memoryGround } from './ground.ts';
import { runTrial } from './trial.ts';

const { address, hours } = workerData as WorkerData;
const port = parentPort!;
const stopping = new AbortController();
const server = address && (await joinGround(address));
const keys = fs.mkdtempSync(path.join(os.tmpdir(), 'fleetfix-sim-keys-'));
const signer = openSigner({ dir: keys });

const play = async ({ seed, onBoth }: Exclude<Asked, string>): Promise<Said> => {
  const options = { seed, hours, signer, signal: stopping.signal };
  try {
    const outcomes = onBoth
      ? await playOnBoth(options, server!)
      : [await runTrial({ ...options, ground: memoryGround })];
    return { outcomes };
  } catch (problem) {
    return { seed, problem: problem instanceof Error ? (problem.stack ?? problem.message) : String(problem) };
  }
};

port.on('message', async (asked: Asked) => {
  if (asked === 'stop') stopping.abort();
  else if (asked === 'end') {
    await server?.close();
    fs.rmSync(keys, { recursive: true, force: true });
    port.close();
  } else port.postMessage(await play(asked));
});
