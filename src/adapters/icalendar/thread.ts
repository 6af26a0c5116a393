// The thread that reads calendars, one after another; started by read-apart.ts.
import { parentPort } from 'node:worker_threads';
import { type Asked, readCalendar } from './read-calendar.ts';

// Loading it is not reading: whoever waits counts from here.
parentPort?.postMessage('ready');
parentPort?.on('message', ({ bytes, asked }: { readonly bytes: Uint8Array; readonly asked: Asked }) => {
  parentPort?.postMessage(readCalendar(bytes, asked));
});
