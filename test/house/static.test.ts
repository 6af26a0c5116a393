// The checks that read the code without running it; here, so that `npm test` runs everything.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './house-files.ts';

/** Everything a program of node_modules/.bin says, when it does not end well; otherwise nothing. */
function complaints(name: string, ...args: string[]): Promise<string> {
  const file = path.join(ROOT, 'node_modules', '.bin', name);
  const options = { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve) =>
    execFile(file, args, options, (error, stdout, stderr) => resolve(error ? `${stdout}${stderr}` : '')),
  );
}

test('the types of hub, agent, CLI and tests hold (see them with: npm run types)', async () => {
  expect(await complaints('tsc', '--pretty', 'false')).toBe('');
});

test('the types of the console hold (see them with: npm run types)', async () => {
  expect(await complaints('tsc', '--pretty', 'false', '-p', 'console')).toBe('');
});

test('format and lint hold (put right with: npm run format)', async () => {
  expect(await complaints('biome', 'check', '--colors=off', '.')).toBe('');
});
