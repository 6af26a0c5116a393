import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../adapters/process/run.ts';

/** The demo's repository: what its commits and branches are called. */
export type DemoRepository = {
  readonly dir: string;
  /** The first try at the fix: passes every test and breaks control planes. */
  readonly firstTry: string;
  /** What makes it right. */
  readonly followUp: string;
  /** The earlier commit that the oldest line lacks and the fix needs. */
  readonly prerequisite: string;
};

/** Releases of the demo, with the branch each was cut from. The second of each line contains the fix. */
export const RELEASES = [
  { version: '4.17.40', branch: 'release-4.17', share: 1 },
  { version: '4.18.22', branch: 'release-4.18', share: 3, next: '4.18.23' },
  { version: '4.19.11', branch: 'release-4.19', share: 4, next: '4.19.12' },
  { version: '4.20.3', branch: 'release-4.20', share: 2, next: '4.20.4' },
] as const;

/**
 * Makes a small real repository with four release branches and a real bug: leases of watchers that went
 * away are never given back. Dates are fixed, so the same call gives the same commit ids everywhere.
 */
export async function makeRepository(dir: string): Promise<DemoRepository> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const git = gitIn(dir);
  await git('init', '--quiet', '--initial-branch=main');

  await commit(git, dir, 'Keep a lease for every watcher', {
    'package.json': JSON.stringify({ name: 'lease-operator', type: 'module', private: true }, null, 2),
    'build.mjs': BUILD,
    'src/leases.mjs': LEASES_FIRST,
    'test/leases.test.mjs': TEST_FIRST,
  });
  await git('branch', 'release-4.17');
  await commit(git, dir, 'Say how many leases are held', { 'src/status.mjs': STATUS });
  await git('branch', 'release-4.18');
  const prerequisite = await commit(git, dir, 'Keep leases by node, not in one list', {
    'src/leases.mjs': LEASES_BY_NODE,
    'test/leases.test.mjs': TEST_BY_NODE,
  });
  await git('branch', 'release-4.19');
  await commit(git, dir, 'Name the operator in its status', { 'src/status.mjs': STATUS_NAMED });
  await git('branch', 'release-4.20');
  await commit(git, dir, 'Describe how leases work', {
    'docs/leases.md': '# Leases\n\nOne for every watcher.\n',
  });
  const firstTry = await commit(git, dir, 'Drop leases of watchers that went away', {
    'src/leases.mjs': LEASES_FIRST_TRY,
    'test/leases.test.mjs': TEST_FIRST_TRY,
  });
  const followUp = await commit(git, dir, 'Keep the lease of a watcher that is only slow', {
    'src/leases.mjs': LEASES_RIGHT,
    'test/leases.test.mjs': TEST_RIGHT,
  });

  // The oldest line got both by hand, ahead of everyone else: a release that has the fix already.
  await backport(git, 'release-4.17', [prerequisite, firstTry, followUp]);
  for (const { version, branch } of RELEASES) await git('tag', `v${version}`, branch);
  // The next release of the other lines contains it.
  await backport(git, 'release-4.18', [prerequisite, firstTry, followUp]);
  await backport(git, 'release-4.19', [firstTry, followUp]);
  await backport(git, 'release-4.20', [firstTry, followUp]);
  for (const release of RELEASES) if ('next' in release) await git('tag', `v${release.next}`, release.branch);
  await git('checkout', '--quiet', 'main');
  return { dir, firstTry, followUp, prerequisite };
}

type Git = (...args: string[]) => Promise<string>;

function gitIn(dir: string): Git {
  let minute = 0;
  return async (...args) => {
    minute += 1;
    const at = new Date(Date.UTC(2026, 1, 2, 9, minute)).toISOString();
    const ran = await run({
      file: 'git',
      args: ['-c', 'core.hooksPath=/dev/null', '-c', 'commit.gpgsign=false', ...args],
      cwd: dir,
      timeoutMs: 60_000,
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        HOME: dir,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_NAME: 'lease-operator authors',
        GIT_AUTHOR_EMAIL: 'authors@example.com',
        GIT_AUTHOR_DATE: at,
        GIT_COMMITTER_NAME: 'lease-operator authors',
        GIT_COMMITTER_EMAIL: 'authors@example.com',
        GIT_COMMITTER_DATE: at,
      },
    });
    if (ran.code !== 0) throw new Error(`git ${args.join(' ')} in ${dir}: ${ran.stderr}`);
    return ran.stdout.toString('utf8').trim();
  };
}

async function commit(
  git: Git,
  dir: string,
  subject: string,
  files: Record<string, string>,
): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  await git('add', '--all');
  await git('commit', '--quiet', '-m', subject);
  return git('rev-parse', 'HEAD');
}

async function backport(git: Git, branch: string, commits: readonly string[]): Promise<void> {
  await git('checkout', '--quiet', branch);
  for (const id of commits) await git('cherry-pick', '-x', '--allow-empty', id);
}

/** Checks every module and puts the operator into one folder, with a list of what is in it. */
const BUILD = `import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';

mkdirSync('out', { recursive: true });
for (const file of readdirSync('src')) {
  execFileSync(process.execPath, ['--check', \`src/\${file}\`]);
  console.log(\`checked src/\${file}\`);
}
cpSync('src', 'out/operator', { recursive: true });
writeFileSync('out/operator/commit', \`\${process.env.FLEETFIX_COMMIT}\\n\`);
console.log('built out/operator');
`;

const LEASES_FIRST = `const leases = [];

export function acquire(node, watcher) {
  leases.push({ node, watcher });
}

export function sweep(isAlive) {
  void isAlive; // Nothing is given back yet.
}

export const held = () => leases.length;
`;

const LEASES_BY_NODE = `const leases = new Map();

export function acquire(node, watcher) {
  leases.set(node, [...(leases.get(node) ?? []), watcher]);
}

export function sweep(isAlive) {
  // Nothing is given back yet.
}

export const held = () => [...leases.values()].flat().length;
`;

const LEASES_FIRST_TRY = LEASES_BY_NODE.replace(
  '  // Nothing is given back yet.\n',
  `  for (const [node, watchers] of leases) {
    leases.set(node, watchers.filter((watcher) => isAlive(watcher)));
  }
`,
);

const LEASES_RIGHT = LEASES_FIRST_TRY.replace(
  'watchers.filter((watcher) => isAlive(watcher))',
  'watchers.filter((watcher) => isAlive(watcher) || watcher.slow)',
);

const STATUS = `import { held } from './leases.mjs';

export const status = () => ({ held: held() });
`;

const STATUS_NAMED = STATUS.replace('({ held: held() })', "({ operator: 'lease-operator', held: held() })");

const TEST_FIRST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acquire, held } from '../src/leases.mjs';

test('a watcher holds one lease', () => {
  acquire('node-1', { id: 1 });
  assert.equal(held(), 1);
});
`;

const TEST_BY_NODE = TEST_FIRST.replace("acquire('node-1'", "acquire('node-a'");

const TEST_FIRST_TRY = `${TEST_BY_NODE.replace('acquire, held', 'acquire, held, sweep')}
test('the lease of a watcher that went away is given back', () => {
  acquire('node-b', { id: 2, gone: true });
  sweep((watcher) => !watcher.gone);
  assert.equal(held(), 1);
});
`;

const TEST_RIGHT = `${TEST_FIRST_TRY}
test('a watcher that is only slow keeps its lease', () => {
  acquire('node-c', { id: 3, slow: true });
  sweep(() => false);
  assert.equal(held(), 1);
});
`;
