// Goal: nobody takes a run with skipped tests for a full one. Method: a run of its own, over a file that skips.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './house-files.ts';

test('the last lines of a run name every skipped test and why', async (context) => {
  // Below the repository, so that the run finds vitest.
  mkdirSync(path.join(ROOT, '.cache'), { recursive: true });
  const dir = mkdtempSync(path.join(ROOT, '.cache', 'skips-'));
  context.onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(
    path.join(dir, 'vitest.config.ts'),
    `import { SkipsReporter } from '../../test/house/skips-reporter.ts';
     export default { root: import.meta.dirname, test: { reporters: ['default', new SkipsReporter()] } };`,
  );
  writeFileSync(
    path.join(dir, 'a.test.ts'),
    `import { test } from 'vitest';
     test('it runs', () => {});
     test('it needs a browser', (context) => context.skip('chromium is not installed'));
     test.skip('it is left out', () => {});`,
  );
  const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', '--root', dir, '--no-color'];
  const printed = await new Promise<string>((resolve) =>
    execFile(process.execPath, args, { cwd: dir, env: { ...process.env, NO_COLOR: '1' } }, (_, stdout) =>
      resolve(stdout),
    ),
  );
  expect(printed.trimEnd().split('\n').slice(-5)).toEqual([
    'Skipped (2):',
    '  a.test.ts: it is left out',
    '    because no reason given; call context.skip(reason) in the test',
    '  a.test.ts: it needs a browser',
    '    because chromium is not installed',
  ]);
});
