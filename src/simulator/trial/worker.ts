// One thread of a campaign: plays the seeds it is sent, one after the other, until it is told to end.
import fs from 'node:fs';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openSigner } from '../../adapters/signer/index.ts';
import type { Said, WorkerData } from './campaign.ts';
import { joinGround } from './ground.ts';
import { runTrial } from './trial.ts';

const { address, hours } = workerData as WorkerData;
const port = parentPort!;
const stopping = new AbortController();
const ground = await joinGround(address);
const signer = openSigner({ dir: fs.mkdtempSync(path.join(address.dir, 'keys-')) });

const play = async (seed: number): Promise<Said> => {
  try {
    return { outcome: await runTrial({ seed, hours, ground, signer, signal: stopping.signal }) };
  } catch (problem) {
    return { seed, problem: problem instanceof Error ? (problem.stack ?? problem.message) : String(problem) };
  }
};

port.on('message', async (said: number | 'stop' | 'end') => {
  if (said === 'stop') stopping.abort();
  else if (said === 'end') {
    await ground.close();
    port.close();
  } else port.postMessage(await play(said));
});
