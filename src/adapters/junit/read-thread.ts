// The thread that reads a large report; started by index.ts with the report's bytes and what is wanted of it.
import { parentPort, workerData } from 'node:worker_threads';
import { readInMemory, readJunit } from './read.ts';

const { xml, wanted } = workerData as { readonly xml: Uint8Array; readonly wanted: 'counts' | 'runs' };
const bytes = Buffer.from(xml);
parentPort?.postMessage(wanted === 'counts' ? readJunit(bytes) : readInMemory(bytes));
