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
      if (simulation === undefined) {
        const agents = await agentsOf(options.agent ?? []);
        return await hub.serve(config, options, agents);
      }
      const { serveSimulated } = await import('../simulator/main.ts');
      return await serveSimulated({ ...config, simulation }, options);
    },
    demo: async (options) => await (await import('../simulator/demo.ts')).demo(options),
    agent: {
      enrol: async (options, token) => {
        const agent = await import('../agent/main.ts');
        const { agent: name, managementCluster } = await agent.enrolAgent(
          await agent.agentConfigOf(options),
          token,
        );
        return { agent: name, managementCluster };
      },
      run: async (options) => {
        const agent = await import('../agent/main.ts');
        await agent.run(await agent.agentConfigOf(options), stopSignal());
      },
    },
  },
  alone: {
    open: async (location, copies, more) => {
      const { createRepositories } = await import('../adapters/git/index.ts');
      return await createRepositories({ dir: copies, ...more }).open(location);
    },
    changes: async (dir) => (await import('../adapters/git/index.ts')).createChangeSource({ dir }),
    overridesFile: async () => (await import('../adapters/overrides-file/index.ts')).overridesFile,
    trees: async (location, cacheDir) =>
      await (await import('../adapters/select/index.ts')).openTrees(location, { cacheDir }),
    junitCases: async (xml) => (await import('../adapters/junit/cases.ts')).readCases(xml),
    reports: async (paths) => (await import('../adapters/junit/files.ts')).readReports(paths),
    readPolarion: async (xml) => (await import('../adapters/junit/polarion.ts')).readPolarion(xml),
    registry: async (reach) => {
      const { createRegistry } = await import('../adapters/registry/index.ts');
      const { env, fetch, now } = io;
      return createRegistry({ ...reach, env, fetch, now });
    },
    roster: async () => {
      const { createRosterSource } = await import('../adapters/icalendar/index.ts');
      const { loadRoster } = await import('../adapters/config/load-roster.ts');
      const { fetch, now } = io;
      return { loadRoster, open: (reach) => createRosterSource({ ...reach, fetch, now }) };
    },
  },
};

/** Agents that run in the hub's process: enrolled by it, and ended with it. */
async function agentsOf(files: readonly string[]) {
  if (files.length === 0) return undefined;
  const agent = await import('../agent/main.ts');
  // All are read before anything is started.
  const configs = await Promise.all(files.map((config) => agent.agentConfigOf({ config })));
  return async (
    at: { readonly url: string; readonly invite: (cluster: string) => Promise<string> },
    stop: AbortSignal,
  ) => {
    await Promise.all(
      configs.map(async (config) => {
        const here = { ...config, hub: { url: at.url } };
        if (!(await agent.isEnrolled(here)))
          await agent.enrolAgent(here, await at.invite(config.managementCluster));
        await agent.run(here, stop);
      }),
    );
  };
}

/** Aborts at the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stop.signal;
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (problem: NodeJS.ErrnoException) => {
  process.exit(problem.code === 'EPIPE' ? 0 : 1);
});

const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2), io);
