// The thread that reads calendars, one after another; started by read-apart.ts.
import { parentPort } from 'node:worker_threads';
import { type Asked, readCalendar } from './read-calendar.ts';

parentPort?.on('message', ({ bytes, asked }: { readonly bytes: Uint8Array; readonly asked: Asked }) => {
  parentPort?.postMessage(readCalendar(bytes, asked));
});
