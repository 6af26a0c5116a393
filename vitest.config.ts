import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/house/long-first.ts';
import { SkipsReporter } from './test/house/skips-reporter.ts';
import { PATIENCE_MS } from './test/patience.ts';

// Four groups, so that `npm run check` can take the quick ones: fast and house.
const group = (name: string, include: string[], exclude: string[] = [], isolate = true) => ({
  extends: true as const,
  test: { name, isolate, include, exclude: ['**/node_modules/**', '**/dist/**', ...exclude] },
});

// It takes a module's place to listen in on it, so it shares its process with none that has loaded that.
const LISTENS_IN = 'src/core/forecast/kept-counts.test.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    // Many tests start a database, a hub, a cluster or a browser and wait for it: one more than a small machine's two cores
    // uses that time; more only makes all of them wait.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    // A guard against what hangs, far above what a slow machine needs; nothing is timed by it.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: PATIENCE_MS } },
    reporters: ['default', new SkipsReporter()],
    projects: [
      // What decides, translates and draws: recorded worlds in, screens out; what we are compared with.
      // Plain values, so they share a process and what it has loaded: a third of their time was loading.
      group(
        'fast',
        [
          'src/{core,wire,cli}/**/*.test.ts',
          'bench/**/*.test.ts',
          'console/**/*.test.{ts,tsx}',
          'test/worlds/**/*.test.ts',
        ],
        [LISTENS_IN],
        false,
      ),
      // What acts: git, PostgreSQL, builds, the hub and its loops, the simulated world.
      group('outside', ['src/{ports,adapters,hub,agent,simulator}/**/*.test.ts', LISTENS_IN]),
      // The rules of the house itself.
      group('house', ['test/house/**/*.test.ts']),
      // The product from the outside: whole routes, real servers, a real browser.
      group('whole', ['test/**/*.test.ts'], ['test/house/**', 'test/worlds/**']),
    ],
  },
});
