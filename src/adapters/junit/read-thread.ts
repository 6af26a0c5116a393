// The thread that reads a large report; started by index.ts with the report's bytes.
import { parentPort, workerData } from 'node:worker_threads';
import { readJunit } from './read.ts';

parentPort?.postMessage(readJunit(Buffer.from(workerData)));
