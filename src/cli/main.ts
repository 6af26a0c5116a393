import { enableCompileCache } from 'node:module';
import { instantOf } from '../core/base/instant.ts';
import type { Io } from './io.ts';

// Wiring only: the real streams, clock and network, and the processes that can be started from here.
enableCompileCache();

const io: Io = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  isTty: Boolean(process.stdin.isTTY && process.stderr.isTTY),
  outIsTty: Boolean(process.stdout.isTTY),
  fetch: (...call) => fetch(...call),
  now: () => instantOf(Date.now()),
  ...(process.stdout.columns ? { width: process.stdout.columns } : {}),
  interrupted: () => {
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    return stop.signal;
  },
  starters: {
    serve: async (options) => {
      const hub = await import('../hub/main.ts');
      const config = await hub.configOf(options);
      const { simulation } = config;
      if (simulation === undefined) return await hub.serve(config, options);
      const { serveSimulated } = await import('../simulator/main.ts');
      return await serveSimulated({ ...config, simulation }, options);
    },
    demo: async (options) => await (await import('../simulator/demo.ts')).demo(options),
  },
  alone: {
    open: async (location, copies, more) => {
      const { createRepositories } = await import('../adapters/git/index.ts');
      return await createRepositories({ dir: copies, ...more }).open(location);
    },
  },
};

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (problem: NodeJS.ErrnoException) => {
  process.exit(problem.code === 'EPIPE' ? 0 : 1);
});

const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2), io);
