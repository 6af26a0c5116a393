// Goal: whenever a process is killed while it assembles and publishes, each ref is where it was or whole, and the next
// process works on and clears away. Method: two processes at once over one folder, killed at seeded moments.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRepositories } from '../../src/adapters/git/index.ts';
import { createTestSource, git } from '../../src/adapters/git/test-source.ts';
import { commitsChange, lines as text, workOf } from '../../src/ports/repository.contract.ts';
import { stream } from '../../src/simulator/random.ts';

const WORKER = fileURLToPath(new URL('./assemble-until-killed.ts', import.meta.url));
const LINES = 12;
/** In each, a fix of its own is published and both processes are killed. */
const ROUNDS = 6;

let dir: string;
let source: Awaited<ReturnType<typeof createTestSource>>;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-killed-'));
  source = await createTestSource();
});
afterAll(async () => {
  await source.dispose();
  rmSync(dir, { recursive: true, force: true });
});

/** A process that assembles until it is killed; what it said it has published goes into `published`. */
function startWorker(own: string, work: string, published: Map<string, string>) {
  const child = spawn(process.execPath, [WORKER, own, source.location, work], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = 0;
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (row) => {
    said += 1;
    const [ref, commit] = row.split(' ');
    if (commit !== undefined) published.set(ref!, commit);
    for (const one of waiting) if (said >= one.count) one.resolve();
  });
  const over = once(child, 'close').then(() => {});
  return {
    /** Resolves when it has said so many lines, or is over. */
    hasSaid: (count: number) =>
      Promise.race([over, new Promise<void>((resolve) => waiting.push({ count, resolve }))]),
    /** False when it had ended by itself. */
    async kill() {
      const wasAlive = child.exitCode === null && child.kill('SIGKILL');
      await over;
      return wasAlive;
    },
  };
}

async function repositoryWithLines() {
  const base = await source.commit({ on: 'main', message: 'Begin', files: { 'a.txt': text() } });
  const tips = await source.commits(
    Array.from({ length: LINES }, (_, i) => ({
      on: `line-${i}`,
      from: base,
      message: `Line ${i}`,
      files: { 'a.txt': text({ 18: `line ${i}` }), [`deep/${i}/b.txt`]: `${i}\n` },
    })),
  );
  const change = await source.commits(
    [3, 8, 12].map((n, i) => ({
      on: 'main',
      ...(i === 0 && { from: base }),
      message: `Fix ${n}`,
      files: { 'a.txt': text({ 3: 'x', ...(i > 0 && { 8: 'y' }), ...(i > 1 && { 12: 'z' }) }) },
    })),
  );
  return { change, lines: Object.fromEntries(tips.map((tip, i) => [`4.${i}`, tip])) };
}

test('no ref moves unless whole, however often processes are killed, and what they left is cleared away', async () => {
  const work = await repositoryWithLines();
  const fixes = Array.from({ length: ROUNDS }, (_, i) => `FIX-${i + 1}` as const);
  const all = fixes.flatMap((fix) => Object.entries(work.lines).map(([line, onto]) => ({ fix, line, onto })));
  const whole = await createRepositories({ dir: join(dir, 'undisturbed') }).open(source.location);
  const expected = new Map<string, string>();
  for (const { fix, line, onto } of all) {
    const made = await whole.assemble(workOf(onto, commitsChange(...work.change), { fix, line }));
    expected.set(`${fix}/${line}`, made.commit!);
  }
  const own = join(dir, 'own');
  const copies = join(own, 'copies');
  const copyOf = () => join(copies, readdirSync(copies).find((name) => name.endsWith('.git'))!);
  const refs = async () =>
    (
      await git(copyOf(), [
        'for-each-ref',
        '--format=%(refname:lstrip=3) %(objectname)',
        'refs/heads/fleetfix',
      ])
    )
      .split('\n')
      .filter(Boolean)
      .map((row) => row.split(' ') as [string, string]);
  const random = stream(7);
  const published = new Map<string, string>();
  for (const fix of fixes) {
    const workers = [1, 2].map(() => startWorker(own, JSON.stringify({ fix, ...work }), published));
    for (const worker of workers) {
      await worker.hasSaid(1 + Math.floor(random() * (LINES / 2)));
      await pause(random() * 20);
      expect(await worker.kill()).toBe(true);
    }
    const moved = await refs();
    for (const [ref, commit] of moved) expect(commit, ref).toBe(expected.get(ref));
    // What was said is there; what was not said may be there too.
    for (const [ref, commit] of published) expect(new Map(moved).get(ref)).toBe(commit);
    await git(copyOf(), ['fsck', '--connectivity-only', '--no-dangling']);
  }
  const left = () => readdirSync(copyOf()).filter((name) => name.startsWith('scratch-'));
  expect(left().length).toBeGreaterThan(0);
  const next = await createRepositories({ dir: own }).open(source.location);
  expect(left().filter((name) => !name.startsWith(`scratch-${process.pid}-`))).toEqual([]);
  // Not all was done: otherwise the kills came too late to hit anything.
  expect(published.size).toBeLessThan(expected.size);
  for (const { fix, line, onto } of all) {
    const made = await next.assemble(workOf(onto, commitsChange(...work.change), { fix, line }));
    await next.publish(fix, line, made.commit!);
  }
  expect(new Map(await refs())).toEqual(expected);
});
