// Goal: `fleetfix` starts whatever `node` the system has. Method: bin/fleetfix.mjs beside a CLI that only
// says what it was given, started by an older Node when this machine has one.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { ROOT } from './house-files.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetfix-start-'));
  for (const folder of ['bin', 'src/cli', 'node_modules/.bin'])
    mkdirSync(path.join(dir, folder), { recursive: true });
  copyFileSync(path.join(ROOT, 'bin', 'fleetfix.mjs'), path.join(dir, 'bin', 'fleetfix.mjs'));
  writeFileSync(path.join(dir, 'package.json'), '{"type":"module"}');
  writeFileSync(
    path.join(dir, 'src', 'cli', 'main.ts'),
    `const [what, ...rest]: string[] = process.argv.slice(2);
     if (what === 'exit') process.exit(Number(rest[0]));
     if (what === 'say') console.log(JSON.stringify({ rest, node: process.versions.node }));
     if (what === 'wait') {
       process.on('SIGTERM', () => process.exit(41));
       setInterval(() => {}, 1_000);
       console.log('waiting');
     }`,
  );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function olderNode(context: TestContext): string {
  const ownBin = path.join(ROOT, 'node_modules', '.bin');
  const places = (process.env.PATH ?? '').split(path.delimiter).filter((place) => place !== ownBin);
  const found = places.map((place) => path.join(place, 'node')).find((file) => majorOf(file) < 22);
  if (!found) context.skip('this machine has no Node older than 22 to start it with');
  symlinkSync(process.execPath, path.join(dir, 'node_modules', '.bin', 'node'));
  context.onTestFinished(() => rmSync(path.join(dir, 'node_modules', '.bin', 'node')));
  return found!;
}

function majorOf(file: string): number {
  try {
    return Number.parseInt(execFileSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' }), 10);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

const fleetfix = () => path.join(dir, 'bin', 'fleetfix.mjs');

test('it starts on a Node that is new enough, arguments as given', () => {
  const said = execFileSync(process.execPath, [fleetfix(), 'say', '--a', 'b c', ''], { encoding: 'utf8' });
  expect(JSON.parse(said).rest).toEqual(['--a', 'b c', '']);
});

test('an older Node starts it again on the Node of the project', (context) => {
  const said = execFileSync(olderNode(context), [fleetfix(), 'say', '--a', 'b c'], { encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual({ rest: ['--a', 'b c'], node: process.versions.node });
});

test('an older Node passes the exit code on', async (context) => {
  const child = spawn(olderNode(context), [fleetfix(), 'exit', '6'], { stdio: 'ignore' });
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(6);
});

test('an older Node passes a signal on and waits for the end', async (context) => {
  const child = spawn(olderNode(context), [fleetfix(), 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGTERM');
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(41);
});

test('an older Node without the project’s own says what to do', (context) => {
  const older = olderNode(context);
  rmSync(path.join(dir, 'node_modules', '.bin', 'node'));
  const ran = () => execFileSync(older, [fleetfix(), 'say'], { encoding: 'utf8', stdio: 'pipe' });
  expect(ran).toThrow(/it needs 22\.19 or later.*\n.*scripts\/setup\.mjs/);
  symlinkSync(process.execPath, path.join(dir, 'node_modules', '.bin', 'node'));
});
